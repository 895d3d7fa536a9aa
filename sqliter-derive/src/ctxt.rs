//! The error collector: every mistake of one input is gathered here, and all are reported together.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Collects errors. Must be [finished](Ctxt::finish): dropping one would swallow what it holds.
pub(crate) struct Ctxt {
    errors: RefCell<Option<Vec<syn::Error>>>,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Ctxt { errors: RefCell::new(Some(Vec::new())) }
    }

    /// An error at these tokens: what is wrong, and what to do about it.
    pub(crate) fn error(&self, at: impl ToTokens, message: impl Display, help: impl Display) {
        self.syn_error(syn::Error::new_spanned(at.into_token_stream(), format!("{message}\nhelp: {help}")));
    }

    /// An error that `syn` made.
    pub(crate) fn syn_error(&self, error: syn::Error) {
        self.errors.borrow_mut().as_mut().expect("not finished").push(error);
    }

    /// The errors, in the order in which they were found.
    pub(crate) fn finish(self) -> Vec<syn::Error> {
        self.errors.borrow_mut().take().expect("not finished")
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.errors.borrow().is_some() {
            panic!("forgot to check for errors");
        }
    }
}

/// The errors as `compile_error!` calls.
pub(crate) fn compile_errors(errors: &[syn::Error]) -> TokenStream {
    errors.iter().map(syn::Error::to_compile_error).collect()
}
