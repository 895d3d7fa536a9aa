//! Mistakes in relations, their names, and the expansion's words about them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_quote};

use crate::ctxt::Ctxt;
use crate::ir::{Link, Model};
use crate::tests::{errors, model};
use crate::{emit, parse};

/// Each error's help.
fn helps(input: &DeriveInput) -> Vec<String> {
    let cx = Ctxt::new();
    let _ = parse::model(&cx, input);
    let errors: Vec<String> = cx.finish().iter().map(ToString::to_string).collect();
    errors.iter().map(|e| e.split("help: ").nth(1).unwrap_or_default().to_owned()).collect()
}

/// The expansion's tokens, without the spaces between them.
fn expansion(input: &DeriveInput) -> String {
    dense(&emit::model(&model(input)))
}

fn dense(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

/// Name, column or junction, way back and const of each relation.
fn relations(model: &Model) -> Vec<[String; 4]> {
    let relation = |r: &crate::ir::Relation| {
        let link = match &r.link {
            Link::ForeignKey { column } => column.clone(),
            Link::ManyToMany { through, .. } => through.as_ref().map_or_else(String::new, |t| t.value()),
        };
        let back = r.reverse.as_ref().map_or_else(String::new, |r| format!("{} {}", r.method, r.constant));
        [r.name.clone(), link, back, r.constant.to_string()]
    };
    model.relations.iter().map(relation).collect()
}

#[test]
fn names() {
    let parsed = model(&parse_quote! {
        #[model(rename_all = "camelCase")]
        struct BlogPostModel {
            tags: ManyToMany<Tag>,
            pk: Pk<Self>,
            #[foreign_key]
            first_author: ForeignKey<super::Author>,
            #[foreign_key(column = "ed", related_name = "edited", unique, on_delete = SetNull, on_update = SetNull)]
            #[field(index, alias = "x", redact)]
            editor: std::option::Option<sqliter_async::ForeignKey<super::Author, Uuid>>,
            #[foreign_key(no_reverse)]
            parent: Option<ForeignKey<Self>>,
            #[foreign_key(related_name = "r#type")]
            kind: ForeignKey<Kind>,
            #[many_to_many(through = "likes", related_name = "liked")]
            TAGS: ManyToMany<User>,
            #[many_to_many(symmetrical)]
            similar: ManyToMany<BlogPostModel>,
        }
    });
    let expected = [
        ["tags", "", "blog_posts BLOG_POSTS", "TAGS"],
        ["first_author", "firstAuthorId", "blog_posts BLOG_POSTS", "FIRST_AUTHOR"],
        ["editor", "ed", "edited EDITED", "EDITOR"],
        ["parent", "parentId", "", "PARENT"],
        ["kind", "kindId", "r#type TYPE", "KIND"],
        ["TAGS", "likes", "liked LIKED", "TAGS_"],
        ["similar", "", "", "SIMILAR"],
    ];
    assert_eq!(relations(&parsed), expected.map(|r| r.map(str::to_owned)));
    let editor = parsed.columns.iter().find(|c| c.name == "editor").expect("a column");
    assert!(editor.relation && editor.unique && editor.index && editor.redact && !editor.required());
    let reference = editor.references.as_ref().expect("a parent");
    assert!([&reference.on_delete, &reference.on_update].iter().all(|a| a.as_ref().is_some_and(|a| a.is_set_null())));
    assert!(parsed.columns.iter().all(|c| !["tags", "TAGS", "similar"].contains(&c.name.as_str())));
}

/// PRE-8, FKO-11: `symmetrical` on a relation to another model, and `SetNull` on a key that may not be NULL, are mistakes.
#[test]
fn all_mistakes_at_once() {
    let input = parse_quote! {
        #[model(index(tags, author))]
        struct Book {
            #[foreign_key]
            pk: Pk<Self>,
            #[many_to_many(through = "x")]
            created_at: i64,
            #[foreign_key(related_name = "my books", reverse_trait = "author-books", on_delete = Cascad)]
            author: ForeignKey<Author>,
            #[foreign_key(on_delete = SetNull, on_update = SetNull, relatd_name = "x")]
            editor: ForeignKey<Author>,
            #[foreign_key(no_reverse, related_name = "x", reverse_trait = "X")]
            #[field(column = "a", unique, on_delete = Cascade, references = Author, default = 1, json, skip, gt = 3, index)]
            publisher: ForeignKey<Publisher>,
            #[foreign_key(on_delete = Never)]
            number: Option<i64>,
            #[many_to_many]
            tag: Tag,
            #[many_to_many]
            both: ForeignKey<Thing>,
            #[many_to_many(symmetrical, through = "sqlite_tags")]
            #[field(index)]
            tags: ManyToMany<Tag>,
            #[many_to_many(symmetrical, related_name = "x", no_reverse = false)]
            similar: ManyToMany<Self>,
            perhaps: Option<ManyToMany<Word>>,
        }
    };
    let expected = [
        "`#[foreign_key(..)]` does not belong here",
        "`#[many_to_many(..)]` does not belong here",
        "`my books` cannot be the name of a method",
        "`author-books` cannot be the name of a trait",
        "`Cascad` is not an action",
        "unknown key `relatd_name` in `#[foreign_key(..)]`",
        "`on_delete = SetNull` on `editor`, which cannot be `NULL`",
        "`on_update = SetNull` on `editor`, which cannot be `NULL`",
        "`related_name` and `no_reverse` together",
        "`reverse_trait` and `no_reverse` together",
        "`column` on `publisher`, which is a foreign key",
        "`unique` on `publisher`, which is a foreign key",
        "`on_delete` on `publisher`, which is a foreign key",
        "`references` on `publisher`, which is a foreign key",
        "`default` on `publisher`, which is a foreign key",
        "`json` on `publisher`, which is a foreign key",
        "`skip` on `publisher`, which is a foreign key",
        "`gt` on `publisher`, which is a foreign key",
        "`Never` is not an action",
        "`#[foreign_key(..)]` on `number`, which is not a foreign key",
        "`#[many_to_many(..)]` on `tag`, which is not a many-to-many relation",
        "`#[many_to_many(..)]` on `both`, which is not a many-to-many relation",
        "names that begin with `sqlite_` are SQLite's own",
        "`index` on `tags`, which is a many-to-many relation",
        "`symmetrical` on a relation from `Book` to `Tag`",
        "`related_name` on `similar`, which is symmetrical",
        "`perhaps` is a many-to-many relation, which is never missing",
        "an index over `tags`, which has no column",
    ];
    assert_eq!(errors(&input), expected);
    let helps = helps(&input);
    for (at, help) in [
        (2, "write an identifier, such as `related_name = \"my_books\"`"),
        (3, "write an identifier, such as `reverse_trait = \"AuthorBooks\"`"),
        (6, "make the field `Option<ForeignKey<Author>>`, or choose another action"),
        (10, "it belongs to the other attribute: `#[foreign_key(column = ..)]`"),
        (11, "it belongs to the other attribute: `#[foreign_key(unique)]`"),
        (
            19,
            "make its type `Option<ForeignKey<Model>>`; for the constraint alone write `#[field(references = Model)]`",
        ),
        (20, "make its type `ManyToMany<Tag>`"),
        (21, "the attribute of this field is `#[foreign_key(..)]`"),
        (26, "write `ManyToMany<Word>`, which may be empty"),
    ] {
        assert_eq!(helps[at], help);
    }
}

/// M2M-21, REV-6, REV-7, W18: a name that is taken is an error where it is written.
#[test]
fn clashes() {
    let input = parse_quote! {
        struct Person {
            pk: Pk<Self>,
            author: ForeignKey<a::B>,
            editor: ForeignKey<a::B>,
            #[foreign_key(related_name = "people")]
            other: ForeignKey<a::B>,
            #[foreign_key(related_name = "pupils")]
            mentor: Option<ForeignKey<Self>>,
            #[foreign_key(related_name = "Pupils")]
            boss: Option<ForeignKey<Person>>,
            #[foreign_key(related_name = "friends")]
            mother: Option<ForeignKey<Self>>,
            #[foreign_key(related_name = "created_at", reverse_trait = "X")]
            father: Option<ForeignKey<Self>>,
            #[many_to_many(through = "links", related_name = "a", reverse_trait = "X")]
            friends: ManyToMany<Self>,
            #[many_to_many(through = "Links", related_name = "b")]
            clubs: ManyToMany<Club>,
            #[many_to_many(through = "people")]
            groups: ManyToMany<Group>,
            // The struct's own name is one of its fields.
            people: ManyToMany<Self>,
            #[foreign_key(related_name = "SHOUT")]
            shout: ForeignKey<Shout>,
        }
    };
    let expected = [
        "`SHOUT` leaves no name for the const beside the method",
        "`author` and `editor` would both be `a::B::PEOPLE`",
        "`author` and `other` would both be `a::B::PEOPLE`",
        "`mentor` and `boss` would both be `Person::PUPILS`",
        "`Person` has a field `friends` already",
        "`Person` has a field `created_at` already",
        "`father` has a trait `X` already",
        "`friends` and `clubs` would both be in the table `Links`",
        "`people` is the table of `Person` itself",
        "the way back of `people` would be called `people`, as the field `people` is",
    ];
    assert_eq!(errors(&input), expected);
    assert_eq!(helps(&input)[1], "give one of them another name: `#[foreign_key(related_name = \"editor_people\")]`");
    let columns = parse_quote! {
        struct Book { pk: Pk<Self>, author_id: i64, author: ForeignKey<Author> }
    };
    assert_eq!(errors(&columns), ["the column `author_id` is there twice"]);
    assert_eq!(helps(&columns), ["`author_id` has it already: name this one with `#[foreign_key(column = \"..\")]`"]);
    let unnamed = parse_quote! {
        struct _1 { pk: Pk<Self>, author: ForeignKey<Author> }
    };
    assert_eq!(errors(&unnamed), ["the way back to `_1` would be called `1s`, which is no identifier"]);
}

#[test]
fn without_relations_nothing_is_said() {
    let tokens = expansion(&parse_quote!(
        struct A {
            pk: Pk<Self>,
        }
    ));
    assert!(!tokens.contains("RELATIONS") && !tokens.contains("with_"));
    let attach = quote! {
        fn attach(&mut self, __origin: &::sqliter_async::__private::Origin) {
            ::sqliter_async::__private::Pk::attach(&mut self.pk, __origin);
        }
    };
    assert!(tokens.contains(&dense(&attach)), "{tokens}");
}

#[test]
fn the_expansion() {
    let tokens = expansion(&parse_quote! {
        #[model(strict_loading)]
        pub(crate) struct Book {
            pk: Pk<Self>,
            #[foreign_key(on_delete = Cascade)]
            author: ForeignKey<Author>,
            sequel_of: Option<ForeignKey<Self>>,
            #[many_to_many(reverse_trait = "TagBooks")]
            tags: ManyToMany<lib::Tag>,
        }
    });
    let said = |what: TokenStream| assert!(tokens.contains(&dense(&what)), "{what}\n\n{tokens}");
    said(quote!(.with_relations(&__RELATIONS).with_strict_loading()));
    said(quote!(static __RELATIONS: [::sqliter_async::__private::RelationDef; 3usize]));
    said(quote!(ForeignKeyField<Book, ForeignKey<Author>>));
    said(quote!(ForeignKeyField<Book, ForeignKey<Book>>));
    said(quote!(ManyToManyField<Book, ManyToMany<lib::Tag>>));
    said(quote!(Link::ForeignKey { column: "author_id", nullable: false }));
    said(quote!(Link::ForeignKey { column: "sequel_of_id", nullable: true }));
    said(quote!(Link::ManyToMany { through: ::core::option::Option::None, symmetrical: false }));
    said(
        quote!(pub(crate) const AUTHOR: ::sqliter_async::__private::Relation<Book, Author, ::sqliter_async::__private::One>),
    );
    said(quote!(impl Author));
    said(quote!(pub(crate) fn books(&self) -> ::sqliter_async::ReverseQuery<Book>));
    said(quote!(impl Book));
    said(quote!(pub(crate) trait TagBooks));
    said(quote!(impl TagBooks for lib::Tag));
    said(quote!(
        fn books(&self) -> ::sqliter_async::ManyToMany<Book>;
    ));
    said(quote!(::sqliter_async::__private::Relation::reverse(&__RELATIONS[2])));
    said(
        quote!(::sqliter_async::__private::check_key("Book", "author", ::core::option::Option::Some(&__model.author))?;),
    );
    said(quote!(fn maybe_sequel_of(mut self, value: Option<ForeignKey<Book>>)));
    said(quote!(tags: <ManyToMany<lib::Tag> as ::core::default::Default>::default(),));
    assert_eq!(tokens.matches("fnattach(").count(), 1);
    // The consts are the relations', not the columns'.
    assert!(!tokens.contains(&dense(&quote!(const AUTHOR: ::sqliter_async::__private::Column))));
}
