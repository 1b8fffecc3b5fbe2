//! What clients ask while instances are replaced: mostly reads, of everything that is served, and changes now and then.

use std::sync::Mutex;

use serde_json::json;

use crate::{
    client::{CHARTER, Caller, Client, Registrar, Request, applying, member_path},
    organisations::ogrn,
};

/// How many members there are to be read and amended.
pub const MEMBERS: u64 = 12;

/// A member, and the version of it that the next change is of.
struct Member {
    id: String,
    etag: String,
    amended: usize,
}

/// What is asked, and what was acknowledged of it.
pub struct Script {
    reads: Vec<String>,
    /// Those that nobody changes just now.
    members: Mutex<Vec<Member>>,
    applications: Mutex<Vec<String>>,
}

impl Script {
    /// Brings members that can be read and changed, each of which every instance knows.
    pub fn begin(client: &Client, instances: &[Client]) -> Self {
        let ids: Vec<String> = (0..MEMBERS)
            .map(|it| client.admit(&json!([ogrn(it)])))
            .collect();
        let charter = format!("/v1/charters/{CHARTER}");
        let mut reads: Vec<String> = ["", "/members?limit=20", "/members.csv", "/members.jsonld"]
            .map(|it| format!("{charter}{it}"))
            .into();
        reads.push(format!("{charter}/proof?key=domain:nobody.example"));
        let others = [
            "/log/checkpoint",
            "/log/tile/entries/000.p/20",
            "/log/records/000.p/20",
            "/status/revocation/1",
            "/status/suspension/1",
            "/.well-known/did.json",
            "/v1/keys",
            "/v1/policy",
            "/v1/events?limit=20",
        ];
        reads.extend(others.map(str::to_owned));
        for id in &ids {
            let of = ["", "/history", "/proof", "/record", "/credential"];
            reads.extend(of.map(|it| format!("{}{it}", member_path(id))));
        }
        let members = ids.into_iter().map(|id| {
            // An instance may not know yet what another one committed.
            for instance in instances {
                while !instance.member(&id).is_success() {}
            }
            let read = client.member(&id);
            Member {
                etag: read.etag().to_owned(),
                id,
                amended: 0,
            }
        });
        Self {
            members: Mutex::new(members.collect()),
            reads,
            applications: Mutex::default(),
        }
    }

    /// Sends the request of this number: of sixty, three are applications and two amendments.
    pub fn send(&self, client: &Client, number: u64) -> Result<(), String> {
        match number % 60 {
            0 | 20 | 40 => self.apply(client, number),
            10 | 30 => self.amend(client, number),
            _ => {
                let place = usize::try_from(number).unwrap() % self.reads.len();
                client.read(&self.reads[place]).map(drop)
            }
        }
    }

    fn apply(&self, client: &Client, number: u64) -> Result<(), String> {
        let path = format!("/v1/charters/{CHARTER}/applications");
        let organisation = applying(&json!([ogrn(MEMBERS + number)]));
        let request = Request::post(Caller::Partner, path, &organisation);
        let answer = client.ask(&request.once(&format!("application-{number}")))?;
        if !answer.is_success() {
            return Err(format!("{answer:?}"));
        }
        let id = answer.done()["id"].as_str().unwrap().to_owned();
        self.applications.lock().unwrap().push(id);
        Ok(())
    }

    fn amend(&self, client: &Client, number: u64) -> Result<(), String> {
        let member = self.members.lock().unwrap().pop();
        let mut member = member.ok_or("every member is being amended")?;
        let patch = json!({"aliases": [format!("Школа {number}")]});
        let by = Caller::Registrar(Registrar::First);
        let request = Request::patch(by, member_path(&member.id), &member.etag, &patch);
        let answer = client.ask(&request.once(&format!("amendment-{number}")))?;
        if !answer.is_success() {
            return Err(format!("{answer:?}"));
        }
        answer.etag().clone_into(&mut member.etag);
        member.amended += 1;
        self.members.lock().unwrap().insert(0, member);
        Ok(())
    }

    /// What was acknowledged is there: returns how many applications and amendments that is.
    pub fn check(&self, client: &Client) -> (usize, usize) {
        let applications = self.applications.lock().unwrap();
        for id in &*applications {
            client.get(&format!("/v1/applications/{id}")).done();
        }
        let members = self.members.lock().unwrap();
        assert_eq!(u64::try_from(members.len()).unwrap(), MEMBERS);
        for member in &*members {
            assert_eq!(client.history(&member.id).len(), 1 + member.amended);
        }
        let amended = members.iter().map(|member| member.amended).sum();
        (applications.len(), amended)
    }
}
