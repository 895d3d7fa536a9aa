//! The cache on its main path.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Shelf {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Tome {
    pk: Pk<Self>,
    title: String,
    #[foreign_key(on_delete = Cascade)]
    shelf: ForeignKey<Shelf>,
}

#[tokio::test]
async fn cascades_retire_what_they_take() {
    let db = SqliterDb::builder().memory().cache(CacheOptions::new()).build().unwrap();
    db.create_tables::<(Shelf, Tome)>().await.unwrap();
    let shelf = Shelf::builder().name("a").insert(&db).await.unwrap();
    Tome::builder().title("t").shelf(&shelf).insert(&db).await.unwrap();
    let q = db.select::<Tome>().select_related(Tome::SHELF);
    assert_eq!(q.fetch_all().await.unwrap().len(), 1);
    assert_eq!(q.fetch_all().await.unwrap().len(), 1);
    assert_eq!(db.cache_stats().hits, 1);
    db.delete::<Shelf>(&shelf).await.unwrap();
    assert_eq!(q.fetch_all().await.unwrap().len(), 0);
    assert_eq!(db.cache_stats().hits, 1);
    assert_eq!(q.fetch_all().await.unwrap().len(), 0);
    assert_eq!(db.cache_stats().hits, 2);
    sqlx_insert(&db).await;
    let all = db.select::<Shelf>();
    assert_eq!(all.fetch_all().await.unwrap().len(), 1);
    sqlx_insert(&db).await;
    tokio::time::sleep(std::time::Duration::from_millis(120)).await;
    assert_eq!(all.fetch_all().await.unwrap().len(), 2);
}

async fn sqlx_insert(db: &SqliterDb) {
    sqliter_async::sqlx::query("INSERT INTO shelves (created_at, updated_at, name) VALUES (1, 1, 'x')")
        .execute(db.pool())
        .await
        .unwrap();
}
