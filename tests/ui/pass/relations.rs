//! Relations between models of several modules and visibilities, with other derives beside, and no lint raised.
#![deny(warnings, missing_docs, unreachable_pub, private_bounds, private_interfaces, unused_qualifications)]
#![deny(non_snake_case, non_camel_case_types, missing_debug_implementations, rust_2018_idioms, unsafe_code)]

use std::collections::HashSet;

use sqliter_async::prelude::*;

/// People.
pub mod author {
    use serde::{Deserialize, Serialize};
    use sqliter_async::prelude::*;

    /// A parent that knows none of its children.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, DbModel)]
    pub struct Author {
        /// The key.
        pub pk: Pk<Self>,
        /// The name.
        pub name: String,
        /// Another author.
        #[foreign_key(related_name = "pupils", on_delete = SetNull)]
        pub mentor: Option<ForeignKey<Self>>,
        /// What the author likes.
        #[many_to_many(related_name = "fans")]
        pub liked: ManyToMany<super::book::Book>,
        /// Friends are each other's.
        #[many_to_many(symmetrical)]
        pub friends: ManyToMany<Author>,
    }
}

/// Books.
pub mod book {
    use serde::{Deserialize, Serialize};
    use sqliter_async::ForeignKey as Key;
    use sqliter_async::prelude::*;

    use super::author::Author as Writer;

    /// A child whose parent has another name here.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, DbModel)]
    #[model(strict_loading, index(author, title))]
    pub struct Book {
        /// The key.
        pub pk: Pk<Self>,
        /// The title.
        pub title: String,
        /// Who wrote it.
        pub author: ForeignKey<Writer>,
        /// Who edited it.
        #[foreign_key(related_name = "edited", column = "edited_by", unique)]
        #[field(redact)]
        pub editor: Option<ForeignKey<super::author::Author>>,
        /// The book before it.
        #[foreign_key(related_name = "sequels")]
        pub sequel_of: Option<ForeignKey<Self>>,
        /// Words.
        #[many_to_many(through = "labels")]
        pub tags: ManyToMany<super::Tag>,
    }

    /// The type of a key.
    pub type WriterKey = Key<Writer>;
}

/// What books are about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, DbModel)]
pub struct Tag {
    /// The key, given by the caller.
    pub pk: Pk<Self, String>,
    #[field(skip)]
    seen: HashSetOf,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct HashSetOf(HashSet<i64>);

impl std::hash::Hash for HashSetOf {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// Private models with public parents.
mod private {
    use sqliter_async::prelude::*;

    use super::book::Book;

    #[derive(Debug, Clone, DbModel)]
    struct Comment {
        pk: Pk<Self>,
        book: ForeignKey<Book>,
        tag: Option<ForeignKey<super::Tag, String>>,
        #[foreign_key(reverse_trait = "AccountComments")]
        account: ForeignKey<sqliter_tests::Account>,
    }

    #[derive(Debug, Clone, DbModel)]
    pub(super) struct Review {
        pub(super) pk: Pk<Self>,
        pub(super) book: ForeignKey<Book>,
        #[many_to_many(reverse_trait = "AccountReviews", related_name = "reviewed")]
        pub(super) readers: ManyToMany<sqliter_tests::Account>,
        #[foreign_key(no_reverse)]
        pub(super) first: Option<ForeignKey<Book>>,
    }

    pub(super) fn comments(book: &Book, tag: &super::Tag, account: &sqliter_tests::Account) -> String {
        let _ = (book.comments(), tag.comments(), account.comments());
        let _ = Book::COMMENTS.to(Comment::TAG).to(super::Tag::PK).eq("x");
        let _ = <sqliter_tests::Account as AccountComments>::COMMENTS;
        let comment = Comment::builder().book(1).account(2).tag("x").build().unwrap();
        format!(
            "{:?} {:?} {:?} {:?}",
            comment.pk,
            comment.book.key(),
            comment.tag.unwrap().key(),
            comment.account.key()
        )
    }
}

/// The user's own names for what the expansion names.
mod own_names {
    #![allow(dead_code, missing_docs, non_camel_case_types, missing_debug_implementations)]

    use ::sqliter_async::{DbModel, ForeignKey, ManyToMany, Pk};

    struct Result;
    struct Option;
    struct Vec;
    struct String;
    struct Some;
    struct None;
    struct Default;
    struct Relation;
    struct RelationDef;
    struct One;
    struct Opt;
    struct Many;
    struct Link;
    struct Runtime;
    struct IntoKey;
    struct ReverseQuery;
    struct m;
    struct usize;
    mod std {}
    mod core {}
    mod sqliter_async {}

    #[derive(Clone, DbModel)]
    pub(super) struct Parent {
        pk: Pk<Self>,
        own: ::core::option::Option<ForeignKey<Self>>,
    }

    #[derive(Clone, DbModel)]
    pub(super) struct Kid {
        pub(super) pk: Pk<Self>,
        pub(super) parent: ForeignKey<Parent>,
        pub(super) second: ::core::option::Option<ForeignKey<Other>>,
        #[many_to_many(reverse_trait = "OtherKids", related_name = "children")]
        pub(super) others: ManyToMany<Other>,
    }

    #[derive(Clone, DbModel)]
    pub(super) struct Other {
        pk: Pk<Self>,
    }
}

macro_rules! models {
    ($($child:ident -> $parent:ty as $field:ident, $back:literal;)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        struct $child {
            pk: Pk<Self>,
            #[foreign_key(related_name = $back)]
            $field: ForeignKey<$parent>,
        }
    )* };
}
models! {
    Page -> book::Book as book, "pages";
    Note -> Page as page, "notes";
}

fn in_function() {
    #[derive(Debug, Clone, DbModel)]
    struct Page {
        pk: Pk<Self>,
        parent: Option<ForeignKey<Self>>,
    }

    let page = Page::builder().build().unwrap();
    let _ = (page.pk.get(), page.parent.is_none(), page.pages(), Page::PAGES.to(Page::PARENT));
    let _ = page;
}

fn main() {
    use author::Author;
    use book::Book;

    let book = Book::builder().title("t").author(1).maybe_editor(None).sequel_of(2).build().unwrap();
    assert_eq!((book.author.key(), book.sequel_of.as_ref().and_then(|k| k.key())), (Some(1), Some(2)));
    let key: book::WriterKey = book.author.clone();
    assert_eq!(key, book.author);
    let author = Author { pk: Pk::of(1), ..Author::default() };
    let tag = Tag { pk: Pk::of("x".to_owned()), ..Tag::default() };
    let next = Book::builder().title("u").author(&author).editor(author.pk.clone()).sequel_of(&book.pk).build();
    assert!(next.is_err(), "the book has no key");
    let account = sqliter_tests::Account { pk: Pk::of(1), name: "x".to_owned() };
    assert_eq!(private::comments(&book, &tag, &account), r#"unset Some(1) Some("x") Some(2)"#);

    let _ = (author.books(), author.edited(), author.pupils(), author.liked.clone(), book.fans(), tag.books());
    let _ = (book.sequels(), book.reviews(), book.pages(), book.tags.clone(), author.friends.clone());
    let _ = Book::AUTHOR.to(Author::NAME).eq("x") & Book::EDITOR.to(Author::NAME).eq(None);
    let _ = Author::BOOKS.to(Book::SEQUEL_OF).to(Book::TITLE).eq("x");
    let _ =
        Tag::BOOKS.to(Book::FANS).to(Author::MENTOR).to(Author::PUPILS).to(Author::FRIENDS).to(Author::NAME).eq("x");
    let _ = Note::PAGE.to(Page::BOOK).to(Book::PAGES).to(Page::NOTES).to(Note::PK).eq(1);
    let note = Note::builder().page(1).build().unwrap();
    let _ = (note.pk, note.page.key());
    let page = Page::builder().book(&Pk::of(3)).build().unwrap();
    let _ = (page.notes(), page.pk, page.book);

    let review = private::Review::builder().book(1).build().unwrap();
    let _ = (review.pk, review.book, review.readers, review.first);
    {
        use private::AccountReviews;
        let _ = (account.reviewed(), sqliter_tests::Account::REVIEWED.to(private::Review::BOOK));
    }
    {
        use own_names::OtherKids;
        let kid = own_names::Kid::builder().parent(1).build().ok().unwrap();
        let other = own_names::Other::builder().build().ok().unwrap();
        let _ = (kid.pk, kid.parent, kid.second, kid.others, other.kids(), other.children());
    }
    in_function();
}
