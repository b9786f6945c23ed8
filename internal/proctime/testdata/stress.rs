// Two hundred threads play in pairs, over channels and over sockets. Each wait has a timeout that is never to end it: how many did is printed.
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

const PAIRS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(50);
static GOOD: AtomicU64 = AtomicU64::new(0);
static WRONG: AtomicU64 = AtomicU64::new(0);

fn over_channel(rounds: usize, to: Sender<u8>, from: Receiver<u8>, first: bool) {
    for i in 0..rounds {
        while i > 0 || !first {
            match from.recv_timeout(PATIENCE) {
                Ok(_) => {
                    GOOD.fetch_add(1, Relaxed);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => WRONG.fetch_add(1, Relaxed),
                Err(e) => panic!("{e}"),
            };
        }
        let _ = to.send(0); // nobody waits for the last one
    }
}

fn over_socket(rounds: usize, mut peer: UnixStream, first: bool) {
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    for i in 0..rounds {
        while i > 0 || !first {
            match peer.read(&mut [0]) {
                Ok(_) => {
                    GOOD.fetch_add(1, Relaxed);
                    break;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => WRONG.fetch_add(1, Relaxed),
                Err(e) => panic!("{e}"),
            };
        }
        let _ = peer.write(&[0]);
    }
}

fn main() {
    let rounds = std::env::args().nth(1).unwrap().parse::<usize>().unwrap() / (2 * PAIRS);
    let mut players = Vec::new();
    for _ in 0..PAIRS {
        let ((a, b), (c, d)) = (channel(), channel());
        players.push(thread::spawn(move || over_channel(rounds, a, d, true)));
        players.push(thread::spawn(move || over_channel(rounds, c, b, false)));
        let (one, other) = UnixStream::pair().unwrap();
        players.push(thread::spawn(move || over_socket(rounds, one, true)));
        players.push(thread::spawn(move || over_socket(rounds, other, false)));
    }
    for player in players {
        player.join().unwrap();
    }
    println!("{{\"good\":{},\"wrong\":{}}}", GOOD.load(Relaxed), WRONG.load(Relaxed));
}
