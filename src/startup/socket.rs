//! The socket of a server: bound first, so that an address that cannot be had is told at once; listening last, so that
//! nobody waits at a server that is not open yet while another instance could answer.

use std::net::{SocketAddr, TcpListener};

use tokio::net::TcpSocket;

use super::StartupError;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A socket that has its address, with the port that the system chose for port 0, and refuses connections.
pub(super) fn bind(address: SocketAddr) -> Result<TcpSocket, StartupError> {
    let bound = || {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    bound().map_err(|source| StartupError::Listen {
        listen: address,
        source,
    })
}

/// The same socket, at which connections wait to be accepted from now on.
pub(super) fn listen(socket: TcpSocket) -> Result<TcpListener, StartupError> {
    let address = socket.local_addr().map_err(StartupError::Server)?;
    let listening = socket.listen(BACKLOG);
    let listening = listening.and_then(tokio::net::TcpListener::into_std);
    listening.map_err(|source| StartupError::Listen {
        listen: address,
        source,
    })
}
