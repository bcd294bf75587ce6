-- What each login may touch. Everything is closed first; a table not named below is reachable by nobody but the owner.
-- Applied in one transaction by `childindex migrate`, after the migrations; the same again changes nothing.
-- One block for each package, marked `-- package: name`, kept by that package's author.
-- Logins: childindex_web (practitioner and console site), childindex_family (family site), childindex_worker (deliveries,
-- jobs, commands), childindex_audit (whoever may read the ledger), childindex_sealer (puts entries into the tree),
-- childindex_monitor (compares the ledger with the tree).

DO $$
DECLARE
    place text;
BEGIN
    FOR place IN
        SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
    LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, childindex_web, childindex_family, childindex_worker, childindex_audit, childindex_sealer, childindex_monitor', place);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, childindex_web, childindex_family, childindex_worker, childindex_audit, childindex_sealer, childindex_monitor', place);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC, childindex_web, childindex_family, childindex_worker, childindex_audit, childindex_sealer, childindex_monitor', place);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC, childindex_web, childindex_family, childindex_worker, childindex_audit, childindex_sealer, childindex_monitor', place);
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO childindex_web, childindex_worker', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO childindex_family, childindex_audit, childindex_sealer, childindex_monitor', current_database());
END
$$;

GRANT USAGE ON SCHEMA public TO childindex_web, childindex_family, childindex_worker, childindex_audit, childindex_sealer, childindex_monitor;

-- package: project (Django's own tables)
GRANT SELECT ON django_migrations, django_content_type TO childindex_web, childindex_family, childindex_worker, childindex_audit;
-- What lies in the cache is unpickled, so whoever may write it may run code in whoever reads it: one login alone has it.
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, childindex_cache TO childindex_web;

-- package: project (signing in: allauth and axes)
GRANT SELECT ON auth_group, auth_permission, auth_group_permissions TO childindex_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_emailaddress, account_emailconfirmation, mfa_authenticator TO childindex_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON axes_accessattempt, axes_accessattemptexpiration, axes_accesslog, axes_accessfailurelog TO childindex_web;
GRANT USAGE ON SEQUENCE account_emailaddress_id_seq, account_emailconfirmation_id_seq, mfa_authenticator_id_seq,
    axes_accessattempt_id_seq, axes_accesslog_id_seq, axes_accessfailurelog_id_seq TO childindex_web;

-- package: project (jobs: procrastinate). The web process can only ask for work, and cannot read what was asked for;
-- the worker does and clears it. `args` holds opaque ids.
GRANT INSERT, SELECT (id) ON procrastinate_jobs TO childindex_web;
GRANT INSERT ON procrastinate_events TO childindex_web; -- written by a trigger when a job is asked for
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq TO childindex_web;
GRANT EXECUTE ON FUNCTION procrastinate_defer_jobs_v1 TO childindex_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers
    TO childindex_worker;
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq,
    procrastinate_workers_id_seq TO childindex_worker;
DO $$
DECLARE
    job_function regprocedure;
BEGIN
    FOR job_function IN
        SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\_%'
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO childindex_worker', job_function);
    END LOOP;
END
$$;

-- package: access. The site signs people in, keeps what they accept and resets a lost second factor.
GRANT SELECT ON access_account, access_agreement, access_agreementacceptance, access_course, access_enhancedcheck,
    access_enrolment, access_grant, access_standing, access_trainingrecord TO childindex_web, childindex_worker;
GRANT UPDATE (password, last_login, sitting_stamp) ON access_account TO childindex_web, childindex_worker;
GRANT UPDATE (expires_at, used_at) ON access_enrolment TO childindex_web, childindex_worker;
GRANT INSERT ON access_agreementacceptance, access_enrolment TO childindex_web, childindex_worker;
GRANT INSERT ON access_account, access_agreement, access_enhancedcheck, access_grant, access_standing, access_trainingrecord
    TO childindex_worker;
GRANT UPDATE ON access_standing TO childindex_worker;
GRANT SELECT, INSERT, DELETE ON mfa_authenticator TO childindex_worker;
GRANT USAGE ON SEQUENCE mfa_authenticator_id_seq TO childindex_worker;
-- How much is looked up: counted by the site in one statement a request, forgotten by the worker. A suspension is put in by whoever
-- serves pages; it ends an account's access at once.
GRANT SELECT, INSERT, UPDATE ON access_use, access_organisationuse TO childindex_web;
GRANT USAGE ON SEQUENCE access_organisationuse_id_seq TO childindex_web;
GRANT DELETE, SELECT (used_at) ON access_use TO childindex_worker;
GRANT SELECT ON access_rolequota, access_suspension TO childindex_web, childindex_worker;
GRANT INSERT ON access_rolequota, access_suspension TO childindex_web;
GRANT UPDATE (approved_by_id) ON access_rolequota TO childindex_web;
GRANT UPDATE (lifted_at, lifted_by_id) ON access_suspension TO childindex_web;
GRANT UPDATE (suspended_at) ON access_account TO childindex_web;
GRANT EXECUTE ON FUNCTION access_role_times TO childindex_web;
-- A way in, from page to page: put forward, shown, approved by another. A grant from a page has to be what an approved nomination
-- says (a trigger), and a standing that lets people in has to be made by two.
GRANT SELECT, INSERT ON access_nomination TO childindex_web;
GRANT UPDATE (check_issued_on, barred_list_checked, trained_on, shown_at, decided_by_id, decided_at, approved)
    ON access_nomination TO childindex_web;
GRANT INSERT ON access_account, access_enhancedcheck, access_grant, access_standing, access_trainingrecord TO childindex_web;
GRANT UPDATE (ended_at, ended_by_id) ON access_grant TO childindex_web;
GRANT UPDATE (state, changed_at, opened_on, most_grants, moved_by_id, before_by_id) ON access_standing TO childindex_web;

-- package: audit. Whoever does something writes it down; only the audit reader reads. Nobody changes or deletes.
GRANT INSERT ON audit_ledgerentry, audit_sealedterms TO childindex_web, childindex_family, childindex_worker, childindex_audit;
GRANT SELECT ON audit_ledgerentry, audit_sealedterms TO childindex_audit;
-- The sealer reads what will be sealed and nothing else, gives out positions and can take none back; the monitor reads all of it.
GRANT SELECT (id, leaf) ON audit_ledgerentry TO childindex_sealer;
GRANT SELECT, DELETE ON audit_waitingentry TO childindex_sealer;
GRANT SELECT, INSERT ON audit_sealedentry TO childindex_sealer;
GRANT SELECT ON audit_sealedentry TO childindex_audit;
GRANT SELECT ON audit_ledgerentry, audit_sealedterms, audit_sealedentry, audit_waitingentry TO childindex_monitor;

-- package: children. The web reads entries; only the worker writes them. A sealed child has no row here.
GRANT SELECT ON children_child, children_searchkey, children_sourcerecord TO childindex_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON children_child, children_searchkey, children_sourcerecord TO childindex_worker;
-- Of merged entries the web needs only whom a former number leads to; ids that were shared for a time are for whoever reads history.
GRANT SELECT ON children_formernumber TO childindex_web, childindex_audit, childindex_family;
GRANT SELECT ON children_sharedid TO childindex_audit, childindex_family;
GRANT SELECT, INSERT, UPDATE, DELETE ON children_formernumber, children_sharedid TO childindex_worker;

-- package: involvement. From a child's page: declare, end, confirm, say that a number is wrong; who leads follows.
GRANT SELECT, INSERT ON involvement_involvement TO childindex_web;
GRANT UPDATE (ended_on, confirmed_on, phone_reported_on, lead_professional) ON involvement_involvement TO childindex_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON involvement_involvement TO childindex_worker;

-- package: consent. A page knows of a decision whether it stands, never who decided, on what ground or about which service.
GRANT SELECT (id, withdrawn_at) ON consent_decision TO childindex_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON consent_decision TO childindex_worker;

-- package: matching. What was decided about records, and records that wait for a person. The site reads what waits, but of a
-- held record only what a steward may be shown (`shown`, under the site's own key), and writes answers; it reads no judgement.
GRANT SELECT ON matching_review TO childindex_web;
GRANT UPDATE (queued_at, put_back_by, verdict, chosen, reason, second_needed, answered_by, answered_at, decided_at, decided_by)
    ON matching_review TO childindex_web;
GRANT SELECT (id, feed, shown) ON matching_heldrow TO childindex_web;
GRANT INSERT ON matching_judgement TO childindex_web;
GRANT SELECT, INSERT ON matching_judgement TO childindex_worker;
GRANT SELECT, INSERT, UPDATE ON matching_review TO childindex_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON matching_heldrow TO childindex_worker;
-- Samples: the worker draws them and takes protected children out; the site reads them and says what a steward said.
GRANT SELECT ON matching_sample, matching_samplestratum, matching_sampledpair TO childindex_web;
GRANT UPDATE (said, judged_by, judged_at) ON matching_sampledpair TO childindex_web;
GRANT SELECT, INSERT ON matching_sample, matching_samplestratum TO childindex_worker;
GRANT INSERT (id, stratum_id, authority, record, own, child, age, name, number) ON matching_sampledpair TO childindex_worker;
GRANT SELECT, UPDATE (record, own, child), DELETE ON matching_sampledpair TO childindex_worker;

-- package: shielding. Nobody else may even enter the schema.
GRANT USAGE ON SCHEMA guard TO childindex_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA guard TO childindex_worker;

-- package: directory. Everybody reads the register; only the worker's commands change it, and nothing is taken out.
GRANT SELECT ON directory_authority, directory_organisation, directory_servicetype, directory_postcodearea, directory_feed
    TO childindex_web, childindex_family, childindex_worker, childindex_audit;
GRANT INSERT, UPDATE ON directory_authority, directory_organisation, directory_servicetype, directory_postcodearea, directory_feed
    TO childindex_worker;

-- package: supply. Only the worker takes files in; which records a feed holds is read by nobody else.
GRANT SELECT, INSERT, UPDATE ON supply_delivery TO childindex_worker;
GRANT SELECT, INSERT, DELETE ON supply_rejectedrow, supply_heldrecord TO childindex_worker;
GRANT USAGE ON SEQUENCE supply_rejectedrow_id_seq TO childindex_worker;

-- package: cases. From a page: open a case, open a visit, keep results for a quarter of an hour, note when a search was
-- made. The web reads visits, never cases. The worker forgets what is over and whoever is protected, and reads only by what
-- it finds those.
GRANT INSERT ON cases_case TO childindex_web;
GRANT SELECT, INSERT ON cases_visit, cases_searchresult TO childindex_web;
GRANT UPDATE (opened) ON cases_searchresult TO childindex_web;
GRANT SELECT, INSERT, UPDATE ON cases_enquiry TO childindex_web;
GRANT DELETE ON cases_visit, cases_searchresult, cases_enquiry TO childindex_worker;
GRANT SELECT (child_id, expires_at) ON cases_visit TO childindex_worker;
GRANT SELECT (children, expires_at) ON cases_searchresult TO childindex_worker;
GRANT SELECT (searched_at) ON cases_enquiry TO childindex_worker;
-- One's own requests, without child, authority or what they are about; the worker closes them for the broker.
GRANT SELECT (id, kind, opened_by, opened_for, case_reference, opened_at, due_at, closed_at, outcome) ON cases_case TO childindex_web;
GRANT SELECT, UPDATE (closed_at, closed_by, outcome, owner, involvement_id) ON cases_case TO childindex_worker;

-- package: brokering. Rights and overrides are the site's; the worker puts in what is hidden, encrypted for one browser's key, and
-- takes it out again when its time is over.
GRANT SELECT, INSERT ON brokering_overrideright TO childindex_web;
GRANT UPDATE (approved_by, approved_at) ON brokering_overrideright TO childindex_web;
GRANT SELECT ON brokering_override TO childindex_web;
GRANT INSERT (id, child_id, account_id, sitting, role, organisation, ground, case_reference, investigation, public_key, asked_at, until,
    ended_at, disclosed_at, ciphertext) ON brokering_override TO childindex_web;
GRANT UPDATE (ended_at) ON brokering_override TO childindex_web;
GRANT SELECT ON brokering_overrideright TO childindex_worker; -- it believes nothing of a row but what the facts say
GRANT SELECT (id, child_id, account_id, organisation, investigation, public_key, until, ended_at, disclosed_at, ciphertext)
    ON brokering_override TO childindex_worker;
GRANT UPDATE (disclosed_at, ciphertext) ON brokering_override TO childindex_worker;
-- Shields: the site puts in what somebody does about one and reads none of it back; what stands about shields is in the guard.
GRANT INSERT ON brokering_shieldact TO childindex_web;
GRANT SELECT, UPDATE (taken_at, outcome) ON brokering_shieldact TO childindex_worker;
GRANT SELECT ON brokering_desk TO childindex_web;
GRANT INSERT ON brokering_desk TO childindex_web;
GRANT SELECT, UPDATE (disclosed_at, ciphertext) ON brokering_desk TO childindex_worker;
GRANT INSERT ON brokering_contactanswer TO childindex_web;
GRANT SELECT, UPDATE (taken_at) ON brokering_contactanswer TO childindex_worker;

-- package: upkeep. The web puts a proposal in and cannot read any back; the worker compares it.
GRANT INSERT ON upkeep_proposal TO childindex_web;
GRANT SELECT ON upkeep_proposal TO childindex_worker;
GRANT UPDATE (matched_at, nearest) ON upkeep_proposal TO childindex_worker;
-- Merges and splits: the site proposes, confirms and reads; only the worker carries out, and cannot make one of its own. The rows
-- as they were (`payload`) are the worker's alone. Who saw a mixed entry: the function reads the ledger for the worker, for a split
-- that the site has had confirmed and for nothing else (docs/adr/0013).
GRANT SELECT (id, kept_id, merged_id, authority, other_authority, ground, state, proposed_by, proposed_at, confirmed_by, confirmed_at,
    objected_by, objected_at, done_at, undone_at) ON upkeep_merge TO childindex_web;
GRANT INSERT (id, kept_id, merged_id, authority, other_authority, ground, state, proposed_by, proposed_at) ON upkeep_merge TO childindex_web;
GRANT UPDATE (state, confirmed_by, confirmed_at, objected_by, objected_at) ON upkeep_merge TO childindex_web;
GRANT SELECT ON upkeep_merge TO childindex_worker;
GRANT UPDATE (state, done_at, undone_at, payload) ON upkeep_merge TO childindex_worker;
GRANT SELECT ON upkeep_moved TO childindex_web;
GRANT SELECT, INSERT ON upkeep_moved TO childindex_worker;
GRANT SELECT ON upkeep_split TO childindex_web;
GRANT INSERT (id, mixed_id, restored_id, merge_id, authority, ground, records, lines, state, proposed_by, proposed_at)
    ON upkeep_split TO childindex_web;
GRANT UPDATE (state, confirmed_by, confirmed_at) ON upkeep_split TO childindex_web;
GRANT SELECT ON upkeep_split TO childindex_worker;
GRANT UPDATE (state, mixed_since, done_at) ON upkeep_split TO childindex_worker;
GRANT SELECT ON upkeep_sighting TO childindex_web;
GRANT SELECT, INSERT ON upkeep_sighting TO childindex_worker;
GRANT SELECT ON upkeep_notice TO childindex_web;
GRANT UPDATE (state, approved_by, approved_at, sent_by, sent_at) ON upkeep_notice TO childindex_web;
GRANT SELECT, INSERT ON upkeep_notice TO childindex_worker;
GRANT EXECUTE ON FUNCTION upkeep_disclosures TO childindex_worker;

-- package: oversight. The audit process reads the ledger, and of involvements whose they are and since when, and fills the queue; an
-- officer reads the queue on the site and answers. Neither can take an item out.
GRANT SELECT (child_id, organisation, started_on, ended_on, as_of, recorded_by) ON involvement_involvement TO childindex_audit;
GRANT SELECT, INSERT ON oversight_queueitem TO childindex_audit;
GRANT UPDATE (signals, rank, times, entries, state, explanation, decided_at) ON oversight_queueitem TO childindex_audit;
GRANT SELECT, INSERT, UPDATE ON oversight_scan TO childindex_audit;
GRANT SELECT (id, account_id, day, organisation, role, authority, signals, rank, times, entries, found_at, state, explanation, decided_at,
    decided_by, case_id, notice_id) ON oversight_queueitem TO childindex_web; -- not the child: with the area it would say whose a shielded one is
GRANT UPDATE (state, explanation, decided_at, decided_by, case_id, notice_id) ON oversight_queueitem TO childindex_web;
