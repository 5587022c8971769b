// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Messages on their way to a peer: a queue that can be looked at.
//!
//! What a session sends is bounded by its window, so nothing here blocks. A peer that sends without
//! ever reading fills the queue with answers: then this side stops reading too.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use constancia_proto::v1;
use tokio::sync::{Notify, mpsc};
use tokio_stream::Stream;

use crate::limits::OUTGOING_MESSAGES_MAX;

/// The end where messages are put in.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    sender: mpsc::UnboundedSender<v1::ExchangeMessage>,
    queue: Arc<Queue>,
}

/// The end where the transport takes them out.
#[derive(Debug)]
pub(crate) struct OutgoingStream {
    receiver: mpsc::UnboundedReceiver<v1::ExchangeMessage>,
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    length: AtomicUsize,
    taken: Notify,
}

/// Both ends of a new queue.
pub(crate) fn open_queue() -> (Outgoing, OutgoingStream) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let queue = Arc::new(Queue::default());
    (Outgoing { sender, queue: Arc::clone(&queue) }, OutgoingStream { receiver, queue })
}

impl Outgoing {
    /// Queues a message. One to a connection that is gone is lost with it.
    pub(crate) fn send(&self, message: v1::ExchangeMessage) {
        self.queue.length.fetch_add(1, Ordering::Relaxed);
        drop(self.sender.send(message));
    }

    /// Whether the other side keeps up.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.length.load(Ordering::Relaxed) < OUTGOING_MESSAGES_MAX
    }

    /// Waits until the other side has taken something.
    pub(crate) async fn wait_for_room(&self) {
        while !self.has_room() {
            self.queue.taken.notified().await;
        }
    }
}

impl Stream for OutgoingStream {
    type Item = v1::ExchangeMessage;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<v1::ExchangeMessage>> {
        let polled = self.receiver.poll_recv(context);
        if let Poll::Ready(Some(_)) = &polled {
            self.queue.length.fetch_sub(1, Ordering::Relaxed);
            self.queue.taken.notify_one();
        }
        polled
    }
}
