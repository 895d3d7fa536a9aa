//! Models whose parts come through macros of the user's, as single tokens, types and literals.
use sqliter_async::prelude::*;

macro_rules! by_type {
    ($name:ident, $pk:ty, $field:ident: $ty:ty, $json:ty) => {
        #[derive(Debug, Clone, DbModel)]
        struct $name {
            pk: $pk,
            $field: $ty,
            json: $json,
            perhaps: Option<$json>,
            updated_at: $ty,
        }
    };
}
by_type!(ByType, Pk<ByType>, number: i64, Vec<i64>);

macro_rules! by_token {
    ($name:ident, $pk:ident, $ty:ident, $token:tt, $wrapper:ident, $of:tt, $key:ident, $many:ident) => {
        #[derive(Debug, Clone, DbModel)]
        struct $name {
            pk: $pk<Self>,
            number: $ty,
            other: $token,
            perhaps: Option<$token>,
            words: $wrapper<$of>,
            more: Option<$wrapper<$of>>,
            parent: $key<ByType>,
            sibling: Option<$key<Self>>,
            #[many_to_many(related_name = "linked")]
            many: $many<ByType>,
        }
    };
}
by_token!(ByToken, Pk, i64, bool, Vec, String, ForeignKey, ManyToMany);

macro_rules! by_literal {
    ($($name:ident $table:literal $parent:ty, $column:literal $back:literal $far_back:literal $through:literal;)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        #[model(table = $table)]
        pub(in $crate) struct $name {
            pk: Pk<Self>,
            #[foreign_key(related_name = $back, column = $column)]
            parent: ForeignKey<$parent>,
            #[many_to_many(related_name = $far_back, through = $through)]
            many: ManyToMany<$parent>,
        }
    )* };
}
by_literal! {
    Leaf "leafs" ByToken, "parent" "leaves" "far_leaves" "leaf_links";
    Twig "sticks" Leaf, "of" "twigs" "far_twigs" "twig_links";
}

fn main() {
    let by_type = ByType::builder().number(1).json(vec![1]).build().unwrap();
    assert_eq!(
        (by_type.pk.get(), by_type.number, by_type.json, by_type.perhaps, by_type.updated_at),
        (None, 1, vec![1], None, 0)
    );
    let by_token = ByToken::builder().number(1).other(true).words(["a"]).parent(7).build().unwrap();
    assert_eq!((by_token.parent.key(), by_token.other, &by_token.words[..]), (Some(7), true, &["a".to_owned()][..]));
    let _ = (by_token.leaves(), by_token.far_leaves(), by_token.pk.get(), by_token.number, &by_token.perhaps);
    let _ = (&by_token.more, &by_token.sibling, &by_token.many);
    let leaf = Leaf::builder().parent(1).build().unwrap();
    let _ = (leaf.twigs(), leaf.far_twigs(), leaf.pk.get(), leaf.parent.key(), &leaf.many);
    let twig = Twig::builder().parent(1).build().unwrap();
    let _ = (twig.pk.get(), twig.parent.key(), twig.many);
    let _ = Twig::PARENT.to(Leaf::PARENT).to(ByToken::NUMBER).eq(1);
    assert_eq!((Twig::table_name(), Leaf::table_name()), ("sticks", "leafs"));
}
