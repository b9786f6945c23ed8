// Six kinds of wait of 60 s each, by Rust's own clock: 360 s. Each prints a line of JSON.
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::{mpsc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

fn wait(name: &str, make: impl FnOnce() -> String) {
    let began = Instant::now();
    let said = make();
    let took = began.elapsed().as_nanos();
    println!("{{\"name\":\"{name}\",\"took\":{took},\"said\":\"{said}\"}}");
}

fn main() {
    wait("sleep", || {
        thread::sleep(MINUTE);
        "done".into()
    });
    let (sender, receiver) = mpsc::channel::<u8>();
    wait("recv_timeout", || format!("{:?}", receiver.recv_timeout(MINUTE).unwrap_err()));
    drop(sender);
    wait("wait_timeout", || {
        let (lock, changed) = (Mutex::new(()), Condvar::new());
        let (_guard, result) = changed.wait_timeout(lock.lock().unwrap(), MINUTE).unwrap();
        result.timed_out().to_string()
    });
    wait("park_timeout", || {
        thread::park_timeout(MINUTE);
        "done".into()
    });
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = TcpStream::connect(silent.local_addr().unwrap()).unwrap();
    stream.set_read_timeout(Some(MINUTE)).unwrap();
    wait("set_read_timeout", || format!("{:?}", stream.read(&mut [0]).unwrap_err().kind()));
    wait("threads", || {
        let sleepers: Vec<_> = (0..100).map(|_| thread::spawn(|| thread::sleep(MINUTE))).collect();
        let joined = sleepers.into_iter().filter_map(|s| s.join().ok()).count();
        joined.to_string()
    });
}
