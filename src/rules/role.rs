//! Who may do what in the secretariat.

use super::word::vocabulary;

vocabulary! {
    /// The office of a person in the secretariat. What is not granted to a role is denied.
    pub enum Role ("role") {
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// Handles applications.
        Clerk = "clerk",
        /// Proposes and approves decisions.
        Registrar = "registrar",
        /// Manages people, partners, keys and charters; decides nothing.
        Administrator = "administrator",
    }
}
