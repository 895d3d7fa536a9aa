use sqliter_async::prelude::*;
use sqliter_tests::Account;

#[derive(Debug, Clone, DbModel)]
struct Invoice {
    pk: Pk<Self>,
    account: ForeignKey<Account>,
}

#[derive(Debug, Clone, DbModel)]
struct Payment {
    pk: Pk<Self>,
    #[foreign_key(reverse_trait = "AccountPayments")]
    account: ForeignKey<Account>,
    #[foreign_key(no_reverse)]
    payee: Option<ForeignKey<Account>>,
}

fn payments(account: &Account) {
    let _ = account.payments();
}

fn main() {}
