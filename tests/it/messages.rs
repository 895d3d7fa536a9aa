//! What the compiler says about mistakes. `TRYBUILD=overwrite cargo test -p sqliter-tests messages` writes the messages anew.

/// TBL-4, TBL-29, BULK-3, FKX-2
#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
    cases.pass("ui/pass/*.rs");
}
