//! Secrets: values the host holds, the places each may go to, and how they get
//! there. Structure decides, never text: nothing looks for a placeholder.

mod insert;
mod seal;
mod search;
mod vault;

pub(crate) use insert::{insert_header, insert_json, set_json};
pub(crate) use seal::seal;
pub(crate) use vault::Vault;
