//! The rules of naming against what SQLiter for Python wrote (INTEROP.md, 4.1) and against English.

use super::{Case, article, constant, python_table, table};

/// Class and table.
const PYTHON: &[(&str, &str)] = &[
    ("User", "users"),
    ("Users", "user"),
    ("Person", "people"),
    ("Category", "categories"),
    ("Address", "addresses"),
    ("Bus", "buses"),
    ("Box", "boxes"),
    ("City", "cities"),
    ("Day", "days"),
    ("Key", "keys"),
    ("Leaf", "leaves"),
    ("Knife", "knives"),
    ("Life", "lives"),
    ("Wolf", "wolves"),
    ("Child", "children"),
    ("Man", "men"),
    ("Woman", "women"),
    ("Foot", "feet"),
    ("Tooth", "teeth"),
    ("Goose", "geese"),
    ("Mouse", "mice"),
    ("Datum", "data"),
    ("Data", "datas"),
    ("Media", "medias"),
    ("Index", "indexes"),
    ("Matrix", "matrixes"),
    ("Vertex", "vertexes"),
    ("Analysis", "analyses"),
    ("Crisis", "crises"),
    ("Criterion", "criteria"),
    ("Phenomenon", "phenomena"),
    ("Sheep", "sheep"),
    ("Fish", "fish"),
    ("Series", "series"),
    ("Species", "species"),
    ("News", "news"),
    ("Status", "statuses"),
    ("Alias", "aliases"),
    ("Process", "processes"),
    ("Class", "classes"),
    ("Order", "orders"),
    ("Photo", "photos"),
    ("Hero", "heroes"),
    ("Potato", "potatoes"),
    ("Piano", "pianos"),
    ("Quiz", "quizzes"),
    ("Church", "churches"),
    ("Dish", "dishes"),
    ("Hash", "hashes"),
    ("Match", "matches"),
    ("Tax", "taxes"),
    ("BlogPost", "blog_posts"),
    ("PersonAddress", "person_addresses"),
    ("UserPerson", "user_people"),
    ("OrderItem", "order_items"),
    ("CompanyCategory", "company_categories"),
    ("HTTPServer", "h_t_t_p_servers"),
    ("APIKey", "a_p_i_keys"),
    ("OAuthToken", "o_auth_tokens"),
    ("User2", "user2s"),
    ("UserV2", "user_v2s"),
    ("A", "some"),
    ("AB", "a_bs"),
    ("UserModel", "users"),
    ("ModelUser", "model_users"),
    ("PersonModel", "people"),
    ("PersonModels", "person_model"),
    ("DataModel", "datas"),
    ("Staff", "staffs"),
    ("Equipment", "equipment"),
    ("Information", "information"),
    ("Money", "monies"),
    ("Octopus", "octopuses"),
    ("Cactus", "cactuses"),
    ("Fungus", "funguses"),
    ("Ox", "oxen"),
    ("Die", "dice"),
    ("Half", "halves"),
    ("Roof", "roofs"),
    ("Belief", "beliefs"),
    ("Chef", "chefs"),
    ("Shelf", "shelves"),
    ("Loaf", "loaves"),
    ("Thief", "thiefs"),
    ("Boy", "boys"),
    ("Toy", "toys"),
    ("Play", "plays"),
    ("Monkey", "monkeys"),
    ("Story", "stories"),
    ("Company", "companies"),
    ("Country", "countries"),
    ("Entry", "entries"),
    ("History", "histories"),
    ("Library", "libraries"),
    ("Inventory", "inventories"),
    ("Salary", "salaries"),
    ("Diary", "diaries"),
    ("Movie", "movies"),
    ("Cookie", "cookies"),
    ("Shoe", "shoes"),
    ("House", "houses"),
    ("Horse", "horses"),
    ("Case", "cases"),
    ("Base", "bases"),
    ("Phase", "phases"),
    ("Course", "courses"),
    ("Purchase", "purchases"),
    ("Invoice", "invoices"),
    ("Price", "prices"),
    ("Product", "products"),
    ("Customer", "customers"),
    ("Employee", "employees"),
    ("Department", "departments"),
    ("Project", "projects"),
    ("Task", "tasks"),
    ("Note", "notes"),
    ("Tag", "tags"),
    ("Article", "articles"),
    ("Book", "books"),
    ("Author", "authors"),
    ("Publisher", "publishers"),
    ("Review", "reviews"),
    ("Comment", "comments"),
    ("Post", "posts"),
    ("Page", "pages"),
    ("Item", "items"),
    ("Event", "events"),
    ("Message", "messages"),
    ("Session", "sessions"),
    ("Token", "tokens"),
    ("Role", "roles"),
    ("Permission", "permissions"),
    ("Group", "groups"),
    ("Team", "teams"),
    ("Account", "accounts"),
    ("Transaction", "transactions"),
    ("Payment", "payments"),
    ("Team_Member", "team__members"),
    ("My_Table", "my__tables"),
    ("_Private", "__privates"),
    ("lower", "lowers"),
    ("camelCase", "camel_cases"),
    ("ISBN", "i_s_b_ns"),
    ("Music", "musics"),
    ("Homework", "homeworks"),
    ("Sms", "sm"),
    ("SMS", "s_m_"),
];

/// Where the names of Rust models differ from Python's on purpose.
const OURS: &[(&str, &str)] = &[
    ("Users", "users"),
    ("Data", "data"),
    ("DataModel", "data"),
    ("Media", "media"),
    ("HTTPServer", "http_servers"),
    ("APIKey", "api_keys"),
    ("A", "as"),
    ("AB", "abs"),
    ("PersonModels", "person_models"),
    ("Staff", "staff"),
    ("Thief", "thieves"),
    ("Team_Member", "team_members"),
    ("My_Table", "my_tables"),
    ("_Private", "privates"),
    ("ISBN", "isbns"),
    ("Music", "music"),
    ("Homework", "homework"),
    ("Sms", "sms"),
    ("SMS", "sms"),
];

#[test]
fn python_names_are_those_of_python() {
    let wrong: Vec<_> = PYTHON.iter().map(|(c, t)| (c, *t, python_table(c))).filter(|(_, t, got)| t != got).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn names_are_english() {
    let ours = |class: &str| OURS.iter().find(|(c, _)| *c == class).map(|(_, t)| *t);
    let wrong: Vec<_> = PYTHON
        .iter()
        .map(|(class, python)| (class, ours(class).unwrap_or(python), table(class)))
        .filter(|(_, expected, got)| expected != got)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn more_english() {
    for (class, expected) in [
        ("Model", "models"),
        ("Salesperson", "salespeople"),
        ("Human", "humans"),
        ("StepChild", "step_children"),
        ("Axis", "axes"),
        ("Lens", "lenses"),
        ("Virus", "viruses"),
        ("Epoch", "epochs"),
        ("Repo", "repos"),
        ("Video", "videos"),
        ("Echo", "echoes"),
        ("Settings", "settings"),
        ("Gas", "gases"),
        ("Swordfish", "swordfish"),
        ("Blitz", "blitzes"),
        ("Wife", "wives"),
        ("Safe", "safes"),
        ("Handkerchief", "handkerchiefs"),
        ("Soliloquy", "soliloquies"),
        ("Survey", "surveys"),
    ] {
        assert_eq!(table(class), expected, "{class}");
    }
}

#[test]
fn the_suffix_model_goes_once() {
    assert_eq!(table("UserModelModel"), "user_models");
    assert_eq!(python_table("UserModelModel"), "user_models");
}

#[test]
fn consts() {
    for (field, expected) in [("name", "NAME"), ("a__b_1", "A__B_1"), ("fooBar", "FOO_BAR"), ("_x", "_X")] {
        assert_eq!(constant(field), expected);
    }
}

#[test]
fn cases_are_those_of_serde() {
    let all: Vec<String> = Case::NAMES.iter().map(|n| Case::parse(n).expect(n).apply("first_name")).collect();
    let expected =
        ["first_name", "FIRST_NAME", "FirstName", "firstName", "first_name", "FIRST_NAME", "first-name", "FIRST-NAME"];
    assert_eq!(all, expected);
    assert_eq!(Case::Lower.apply("VeryTasty"), "verytasty");
    assert_eq!(Case::parse("Snake"), None);
}

#[test]
fn articles() {
    assert_eq!((article("title"), article("author"), article("Id")), ("a", "an", "an"));
}
