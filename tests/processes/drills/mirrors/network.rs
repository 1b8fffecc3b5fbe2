//! A network of namespaces, one for each mirror, joined by a bridge to the host on which the registry's instances run.

use std::process::{Command, Stdio};

use charter_registry::clock::Clock;

/// A network, taken away with this value.
pub struct Network {
    /// What all its names begin with.
    name: String,
    prefix: String,
    mirrors: usize,
    ip: String,
    nsenter: String,
}

impl Network {
    /// A network with this many namespaces. None, said aloud, where nobody may make one.
    pub fn of(mirrors: usize) -> Option<Self> {
        let [first, second, third] = Clock::system().random();
        let network = Self {
            name: format!("cr{first:02x}{second:02x}{third:02x}"),
            prefix: format!("10.{}.{second}", 100 + first % 100),
            mirrors,
            ip: which("ip"),
            nsenter: which("nsenter"),
        };
        let made = network.make();
        if let Err(why) = made {
            println!(
                "SKIPPED: no mirrors in network namespaces: needs root, ip (Debian: iproute2), veth and bridge: {why}"
            );
            return None;
        }
        Some(network)
    }

    fn make(&self) -> Result<(), String> {
        let (bridge, prefix) = (&self.name, &self.prefix);
        self.run(&format!("link add {bridge} type bridge"))?;
        for instance in 0..2 {
            let address = self.instance(instance);
            self.run(&format!("addr add {address}/24 dev {bridge}"))?;
        }
        self.run(&format!("link set {bridge} up"))?;
        for mirror in 0..self.mirrors {
            let (namespace, link) = (self.namespace(mirror), self.link(mirror));
            let address = self.mirror(mirror);
            for step in [
                format!("netns add {namespace}"),
                format!("link add {link} type veth peer name eth0 netns {namespace}"),
                format!("link set {link} master {bridge} up"),
            ] {
                self.run(&step)?;
            }
            for step in [
                format!("addr add {address}/24 dev eth0"),
                "link set eth0 up".to_owned(),
                "link set lo up".to_owned(),
                format!("route get {prefix}.1"),
            ] {
                self.run_within(mirror, &step)?;
            }
        }
        Ok(())
    }

    fn run(&self, words: &str) -> Result<(), String> {
        done(Command::new(&self.ip), words)
    }

    /// The same in a mirror's namespace.
    fn run_within(&self, mirror: usize, words: &str) -> Result<(), String> {
        let [nsenter, namespace] = self.words(mirror);
        let mut command = Command::new(nsenter);
        command.arg(namespace).arg(&self.ip);
        done(command, words)
    }

    /// The address of an instance.
    pub fn instance(&self, number: usize) -> String {
        format!("{}.{}", self.prefix, 1 + number)
    }

    /// The address of a mirror.
    pub fn mirror(&self, number: usize) -> String {
        format!("{}.{}", self.prefix, 11 + number)
    }

    fn namespace(&self, mirror: usize) -> String {
        format!("{}-{mirror}", self.name)
    }

    fn link(&self, mirror: usize) -> String {
        format!("{}v{mirror}", self.name)
    }

    /// The words that put a command into a mirror's namespace.
    ///
    /// Not those of `ip netns exec` and `ip -n`: these have mounts of their own, and so hold every disk that is mounted at
    /// that moment, also the one whose power another test cuts.
    pub fn words(&self, mirror: usize) -> [String; 2] {
        let namespace = format!("--net=/var/run/netns/{}", self.namespace(mirror));
        [self.nsenter.clone(), namespace]
    }

    /// Takes a mirror off the network, or puts it back.
    pub fn set_link(&self, mirror: usize, is_up: bool) {
        let state = if is_up { "up" } else { "down" };
        self.run(&format!("link set {} {state}", self.link(mirror)))
            .unwrap();
    }

    /// Lets nothing of a mirror's reach an instance, or lets it again.
    pub fn set_route(&self, mirror: usize, instance: usize, is_open: bool) {
        let step = if is_open { "del" } else { "add" };
        let address = self.instance(instance);
        self.run_within(mirror, &format!("route {step} blackhole {address}/32"))
            .unwrap();
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // What was never made cannot be taken away.
        for mirror in 0..self.mirrors {
            let _ = self.run(&format!("link del {}", self.link(mirror)));
            let _ = self.run(&format!("netns del {}", self.namespace(mirror)));
        }
        let _ = self.run(&format!("link del {}", self.name));
    }
}

/// Runs a command with these words after its own.
fn done(mut command: Command, words: &str) -> Result<(), String> {
    let output = command.args(words.split(' ')).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("{words}: {}", told.trim()))
}

/// Where a program lies: commands of the tests have no path of their own.
fn which(program: &str) -> String {
    let places = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
    let mut places = places
        .into_iter()
        .map(|folder| format!("{folder}/{program}"));
    let found = places.find(|place| std::fs::exists(place).unwrap_or_default());
    found.unwrap_or_else(|| program.to_owned())
}
