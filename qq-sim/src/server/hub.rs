//! What every task of one simulator shares: the world behind its lock, the bell
//! that wakes sockets, and the list of tasks to stop.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::journal::Journal;
use crate::server::tls::Identity;
use crate::world::World;

pub(crate) struct Hub {
    pub(crate) address: SocketAddr,
    /// How connections are encrypted; none for plain HTTP.
    pub(crate) tls: Option<Identity>,
    pub(crate) journal: Arc<Journal>,
    world: Mutex<World>,
    bell: watch::Sender<()>,
    /// None once stopped: a task that is started too late never runs.
    tasks: Mutex<Option<JoinSet<()>>>,
}

impl Hub {
    pub(crate) fn new(address: SocketAddr, tls: Option<Identity>, mut world: World) -> Self {
        let secure = if tls.is_some() { "s" } else { "" };
        world.base_url = format!("http{secure}://{address}");
        Self {
            address,
            tls,
            journal: Arc::clone(&world.journal),
            world: Mutex::new(world),
            bell: watch::Sender::new(()),
            tasks: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// Looks at the world, or changes what no socket waits for.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut lock(&self.world))
    }

    /// Changes the world, then wakes every socket to see what is in it for them.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let answer = self.with(change);
        self.bell.send_replace(());
        answer
    }

    pub(crate) fn bell(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }

    /// Starts a task that ends with the simulator.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = lock(&self.tasks).as_mut() {
            // Finished tasks would otherwise pile up in a simulator that runs for days.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// Ends every task; their sockets close with them.
    pub(crate) fn stop(&self) {
        drop(lock(&self.tasks).take());
    }

    /// `http://127.0.0.1:PORT`, or `https` under TLS.
    pub(crate) fn base_url(&self) -> String {
        format!("http{}://{}", self.secure(), self.address)
    }

    /// `ws://127.0.0.1:PORT/websocket/`, or `wss` under TLS.
    pub(crate) fn gateway_url(&self) -> String {
        format!("ws{}://{}/websocket/", self.secure(), self.address)
    }

    const fn secure(&self) -> &'static str {
        if self.tls.is_some() { "s" } else { "" }
    }
}

/// Short: the world is large and behind a lock.
impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hub({})", self.base_url())
    }
}

/// A panic under a lock fails its own test; the others should still see the state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
