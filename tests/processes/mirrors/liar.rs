//! A server of a book, which says whatever stands in it, and says it once to those who know it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use charter_proof::canonical::Digest;

use super::book::Book;

/// The server of a book.
pub struct Liar {
    pub address: String,
}

impl Liar {
    pub fn serve(book: Book) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let book = Arc::new(book);
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let book = book.clone();
                thread::spawn(move || attend(stream, &book));
            }
        });
        Self { address }
    }
}

/// Answers the requests of one connection.
fn attend(mut stream: TcpStream, book: &Book) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(first)) = lines.next() {
        let path = first.split(' ').nth(1).unwrap().to_owned();
        let mut known = None;
        while let Some(Ok(line)) = lines
            .next()
            .filter(|line| line.as_ref().is_ok_and(|line| !line.is_empty()))
        {
            let (name, value) = line.split_once(": ").unwrap();
            if name.eq_ignore_ascii_case("if-none-match") {
                known = Some(value.to_owned());
            }
        }
        let answer = book.answer(&path);
        let tag = answer
            .as_ref()
            .map(|body| format!("\"{}\"", Digest::of(body)));
        let (status, body) = match answer {
            Some(_) if known.is_some() && known == tag => ("304 Not Modified", Vec::new()),
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", Vec::new()),
        };
        let tag = tag.unwrap_or_else(|| "\"none\"".to_owned());
        let head = format!(
            "HTTP/1.1 {status}\r\nETag: {tag}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let sent = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(&body));
        if sent.is_err() {
            return;
        }
    }
}
