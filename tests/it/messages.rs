//! What the compiler says about mistakes. `TRYBUILD=overwrite cargo test -p sqliter-tests messages` writes the messages anew.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
    cases.pass("ui/pass/*.rs");
}
