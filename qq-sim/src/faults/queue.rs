//! One queue; each fault waits in it for its moment.

use std::collections::VecDeque;

use super::Fault;

/// Faults that wait for their moment.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue(VecDeque<Fault>);

impl FaultQueue {
    /// More than any script needs; a loop that fills it is a bug worth hearing about.
    pub(crate) const CAPACITY: usize = 10_000;

    /// Adds one, unless the queue is full.
    pub(crate) fn push(&mut self, fault: Fault) -> bool {
        let fits = self.0.len() < Self::CAPACITY;
        if fits {
            self.0.push_back(fault);
        }
        fits
    }

    /// Takes the first that fits.
    pub(crate) fn take(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let place = self.0.iter().position(fits)?;
        self.0.remove(place)
    }

    pub(crate) fn pending(&self) -> Vec<Fault> {
        self.0.iter().cloned().collect()
    }

    /// Whether so many more fit.
    pub(crate) fn has_room_for(&self, count: usize) -> bool {
        self.0.len().saturating_add(count) <= Self::CAPACITY
    }
}

impl Fault {
    /// What a repetition stands for: one fault and how often it happens.
    pub(crate) fn unrolled(self) -> (Self, usize) {
        let mut count = 1_usize;
        let mut fault = self;
        while let Self::Repeat { times, fault: one } = fault {
            count = count.saturating_mul(times as usize);
            fault = *one;
        }
        (fault, count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Endpoint;
    use super::*;

    #[test]
    fn a_fault_waits_for_its_endpoint() {
        let mut queue = FaultQueue::default();
        queue.push(Fault::HangHttp {
            endpoint: Some(Endpoint::Token),
        });
        assert!(
            queue
                .take(|fault| fault.is_for_http(Some(Endpoint::Gateway), None))
                .is_none()
        );
        let token = Endpoint::of("POST", "/app/getAppAccessToken");
        assert!(queue.take(|fault| fault.is_for_http(token, None)).is_some());
    }

    #[test]
    fn repetitions_of_repetitions_are_unrolled() {
        let (fault, count) = Fault::NoHello.times(3).times(2).unrolled();
        assert_eq!((fault, count), (Fault::NoHello, 6));
        let huge = Fault::NoHello
            .times(u32::MAX)
            .times(u32::MAX)
            .times(u32::MAX);
        assert!(!FaultQueue::default().has_room_for(huge.unrolled().1));
    }
}
