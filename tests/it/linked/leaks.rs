//! Rows that know each other do not keep each other: what was loaded goes with the last row that holds it.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use sqliter_async::prelude::*;

static ALIVE: AtomicI64 = AtomicI64::new(0);

/// Counts the values that there are.
#[derive(Debug)]
struct Counted;

impl Default for Counted {
    fn default() -> Self {
        ALIVE.fetch_add(1, SeqCst);
        Counted
    }
}
impl Clone for Counted {
    fn clone(&self) -> Self {
        Default::default()
    }
}
impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, SeqCst);
    }
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "leaks_houses", database = "leaks")]
struct House {
    pk: Pk<Self>,
    name: String,
    #[field(skip)]
    #[expect(dead_code, reason = "it counts when it goes")]
    counted: Counted,
    guests: ManyToMany<Room>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "leaks_rooms", database = "leaks")]
struct Room {
    pk: Pk<Self>,
    house: ForeignKey<House>,
    #[foreign_key(related_name = "annexes")]
    other: Option<ForeignKey<House>>,
    #[field(skip)]
    #[expect(dead_code, reason = "it counts when it goes")]
    counted: Counted,
}

#[tokio::test]
async fn rows_of_several_steps_go_with_those_that_hold_them() {
    let db = SqliterDb::builder().memory().cache(CacheOptions::new()).create().await.unwrap();
    db.create_tables::<(House, Room)>().await.unwrap();
    let house = House::builder().name("a").insert(&db).await.unwrap();
    for _ in 0..3 {
        let room = Room::builder().house(&house).other(&house).insert(&db).await.unwrap();
        house.guests.add(&room).await.unwrap();
    }
    drop(house);
    assert_eq!(ALIVE.load(SeqCst), 0);
    let paths = ["guests__house__guests", "rooms__other__annexes", "annexes__house", "guests__other__rooms__house"];
    for select in [None, Some("house"), Some("other")] {
        let mut houses = db.select::<House>();
        let mut rooms = db.select::<Room>().prefetch_related("house__rooms__house").prefetch_related("other__annexes");
        for path in paths {
            houses = houses.prefetch_related(path);
        }
        if let Some(path) = select {
            rooms = rooms.select_related(path);
        }
        for _ in 0..3 {
            let (houses, rooms) = (houses.fetch_all().await.unwrap(), rooms.fetch_all().await.unwrap());
            let of_house = houses[0].rooms().fetch_all().await.unwrap();
            assert_eq!((of_house.len(), rooms.len()), (3, 3));
            assert_eq!(of_house[0].house.loaded().unwrap().name, "a");
        }
    }
    db.clear_cache();
    drop(db);
    assert_eq!(ALIVE.load(SeqCst), 0);
}
