//! A client that keeps its connections open and asks as fast as it is answered.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// How many connections a loaded server has: each asks again once it is answered.
const CONNECTIONS: usize = 8;

/// An answer's status and body.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// A connection that stays open.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to a server.
    pub fn to(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream,
            buffer: vec![0; 1 << 20],
        })
    }

    fn ask(&mut self, path: &str) {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: registry.example\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes()).unwrap();
    }

    /// Reads an answer and returns its status and where its body lies.
    fn listen(&mut self) -> std::io::Result<(u16, std::ops::Range<usize>)> {
        let mut length = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[length..])?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            length += read;
            let bytes = &self.buffer[..length];
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&bytes[..end]).unwrap();
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            let of_body = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            });
            let body = of_body.map_or(0, |length| length.parse().unwrap());
            // The head's end, and nothing behind the body.
            if length >= end + 4 + body {
                return Ok((status, end + 4..end + 4 + body));
            }
        }
    }

    /// Asks and waits for the answer.
    pub fn get(&mut self, path: &str) -> std::io::Result<Answer> {
        self.ask(path);
        let (status, body) = self.listen()?;
        Ok(Answer {
            status,
            body: self.buffer[body].to_vec(),
        })
    }

    /// How long the answer takes that must be a good one.
    pub fn time(&mut self, path: &str) -> Duration {
        let began = Instant::now();
        self.ask(path);
        let (status, _) = self.listen().unwrap();
        let took = began.elapsed();
        assert_eq!(status, 200, "{path}");
        took
    }
}

/// Asks for all of these over several connections, and returns how many bytes the bodies had.
pub fn ask_all(address: SocketAddr, paths: &[String]) -> usize {
    let mut connections: Vec<Connection> = (0..CONNECTIONS)
        .map(|_| Connection::to(address).unwrap())
        .collect();
    let mut bytes = 0;
    for piece in paths.chunks(CONNECTIONS) {
        for (connection, path) in connections.iter_mut().zip(piece) {
            connection.ask(path);
        }
        for (connection, path) in connections.iter_mut().zip(piece) {
            let (status, body) = connection.listen().unwrap();
            assert_eq!(status, 200, "{path}");
            bytes += body.len();
        }
    }
    bytes
}
