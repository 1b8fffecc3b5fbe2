//! Every route, registered once: for the router and for the OpenAPI document.

use actix_web::dev::HttpServiceFactory;
use utoipa_actix_web::OpenApiFactory;

use super::{
    applications, audit, charters, decisions, feeds, keys, letters, log, members, mirror,
    operators, partners, problems_page, records, service, status, trqp, verify,
};

use crate::web::confirm;

/// Where routes are registered: the router, or the document.
pub trait Register {
    /// Registers an endpoint.
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(
        &mut self,
        endpoint: F,
    ) -> &mut Self;
}

/// The router alone: each worker has one, and the document takes ten megabytes to make.
impl Register for actix_web::web::ServiceConfig {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(
        &mut self,
        endpoint: F,
    ) -> &mut Self {
        self.service(endpoint)
    }
}

/// The router of which the document is made.
impl Register for utoipa_actix_web::service_config::ServiceConfig<'_> {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(
        &mut self,
        endpoint: F,
    ) -> &mut Self {
        self.service(endpoint)
    }
}

/// Registers the routes.
pub fn register<R: Register>(config: &mut R) {
    public(config);
    applicants(config);
    secretariat(config);
    people(config);
    operation(config);
}

/// What most requests ask for comes first: the router tries one route after another.
fn public(config: &mut impl Register) {
    config
        .service(records::get_record)
        .service(members::get::get_member)
        .service(log::proof::get_member_proof)
        .service(members::credential::get_credential)
        .service(log::proof::get_proof)
        .service(members::list::list_members)
        .service(members::dump::get_members_ndjson)
        .service(members::dump::get_members_csv)
        .service(members::dump::get_members_jsonld)
        .service(members::record::get_member_record)
        .service(status::get_status_list)
        .service(charters::list::list_charters)
        .service(charters::publish::publish_charter)
        .service(charters::versions::list_versions)
        .service(charters::version::get_version)
        .service(charters::memorandum::get_template)
        .service(charters::get::get_charter)
        .service(members::history::get_history)
        .service(feeds::charter::get_charter_feed)
        .service(feeds::member::get_member_feed)
        .service(members::redirect::find_member)
        .service(members::redirect::find_charter)
        .service(log::checkpoint::get_checkpoint)
        .service(log::tile::get_tile)
        .service(log::records::get_log_records)
        .service(log::charter::get_charter_document)
        .service(log::events::list_events)
        .service(log::policy::get_policy)
        .service(trqp::authorization::query_authorization)
        .service(trqp::recognition::query_recognition)
        .service(keys::did::get_did_document)
        .service(keys::list::list_keys)
        .service(verify::verify_record_document);
}

fn applicants(config: &mut impl Register) {
    config
        .service(applications::create::create_application)
        .service(applications::list::list_applications)
        .service(applications::get::get_application)
        .service(applications::get_contact::get_contact)
        .service(applications::export::export_personal_data)
        .service(applications::erase::erase_persons)
        .service(applications::get_memorandum::get_memorandum)
        .service(applications::get_scan::get_scan)
        .service(applications::confirm::confirm_contact)
        .service(applications::resubmit::resubmit_application)
        .service(applications::comments::list::list_comments)
        .service(applications::put_scan::put_scan)
        .service(applications::put_signature::put_signature)
        .service(applications::put_enclosed::put_enclosed_signature)
        .service(applications::get_enclosed::get_enclosed_signature)
        .service(applications::withdraw::withdraw_application)
        .service(confirm::show_confirmation)
        .service(confirm::press_confirmation);
}

fn secretariat(config: &mut impl Register) {
    config
        .service(applications::issue_memorandum::post_memorandum)
        .service(applications::assign::assign_application)
        .service(applications::return_for_correction::return_application)
        .service(applications::reopen::reopen_application)
        .service(applications::acknowledge_matches::acknowledge_application_matches)
        .service(applications::comments::add::add_comment)
        .service(applications::comments::erase::erase_comment)
        .service(applications::attest_paper::attest_paper)
        .service(applications::reject::reject_application)
        .service(applications::admit::admit_applicant)
        .service(applications::readmit::readmit_applicant)
        .service(applications::recuse::recuse_from_application)
        .service(members::amend::amend_member)
        .service(members::exclude::exclude_member)
        .service(members::withdraw::withdraw_member)
        .service(members::suspend::suspend_member)
        .service(members::urgent_suspend::urgently_suspend_member)
        .service(members::reinstate::reinstate_member)
        .service(members::reassign::reassign_claims)
        .service(members::merge::merge_member)
        .service(members::recuse::recuse_from_member)
        .service(records::redact::redact_record)
        .service(decisions::list::list_decisions)
        .service(decisions::get::get_decision)
        .service(decisions::approve::approve_decision)
        .service(decisions::decline::decline_decision)
        .service(decisions::recuse::recuse_from_decision)
        .service(letters::list::list_letters)
        .service(letters::get::get_letter)
        .service(letters::retry::retry_letter)
        .service(letters::bounce::bounce_letter);
}

fn people(config: &mut impl Register) {
    config
        .service(audit::list::list_audit)
        .service(operators::list::list_operators)
        .service(operators::add::add_operator_account)
        .service(operators::revoke::close_operator)
        .service(operators::tokens::list)
        .service(operators::tokens::add)
        .service(operators::tokens::revoke)
        .service(partners::list::list_partners)
        .service(partners::add::add_partner_account)
        .service(partners::revoke::close_partner)
        .service(partners::tokens::list)
        .service(partners::tokens::add)
        .service(partners::tokens::revoke);
}

fn operation(config: &mut impl Register) {
    config
        .service(problems_page::list_problems)
        .service(problems_page::explain_problem)
        .service(mirror::get_mirror)
        .service(service::get_health)
        .service(service::get_readiness)
        .service(service::get_metrics);
}
