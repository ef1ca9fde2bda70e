package workload

import "time"

// cohort is a number of messages that are the same for all that matters.
type cohort struct {
	n        int64
	receives int       // how often each was received
	sent     time.Time // when the oldest was sent
	from, to time.Time // of messages in flight: they become visible evenly over this time
}

// queue is where the messages of the queue and of its dead-letter queue are.
type queue struct {
	fresh  []cohort // visible, never received, the oldest first
	again  []cohort // visible, received before, one cohort for each number of receives
	flying []cohort // in flight: they failed and are invisible

	dead      int64
	deadSince time.Time // when the oldest dead letter was moved

	sent, deleted int64
}

func count(cohorts []cohort) (n int64) {
	for _, c := range cohorts {
		n += c.n
	}
	return n
}

func (q *queue) visible() int64  { return count(q.fresh) + count(q.again) }
func (q *queue) inFlight() int64 { return count(q.flying) }

// arrive adds messages that were sent evenly over [from, to).
func (q *queue) arrive(n int64, from, to time.Time) {
	if n == 0 {
		return
	}
	q.sent += n
	q.fresh = append(q.fresh, cohort{n: n, sent: from, from: from, to: to})
}

// takeFresh takes up to n of the oldest messages of the first cohort; the rest of it is younger.
func (q *queue) takeFresh(n int64) cohort {
	c := &q.fresh[0]
	taken := *c
	if n >= c.n {
		q.fresh = q.fresh[1:]
		return taken
	}
	taken.n = n
	part := float64(n) / float64(c.n)
	c.from = c.from.Add(time.Duration(part * float64(c.to.Sub(c.from))))
	c.n, c.sent = c.n-n, c.from
	return taken
}

// back puts messages whose visibility timeout is over into the queue again.
func (q *queue) back(c cohort) {
	for i := range q.again {
		if a := &q.again[i]; a.receives == c.receives {
			a.n += c.n
			if c.sent.Before(a.sent) {
				a.sent = c.sent
			}
			return
		}
	}
	q.again = append(q.again, c)
}

// bury moves messages to the dead-letter queue.
func (q *queue) bury(n int64, at time.Time) {
	if n > 0 && q.dead == 0 {
		q.deadSince = at
	}
	q.dead += n
}

// poisonReceives is from how many receives on a message no longer counts for the age of the oldest: SQS moves it to
// the back of the queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
const poisonReceives = 3

// age returns how old the oldest message is; ok is false where there is none.
func (q *queue) age(now time.Time) (age time.Duration, ok bool) {
	for _, list := range [][]cohort{q.fresh, q.again, q.flying} {
		for _, c := range list {
			if c.n > 0 && c.receives < poisonReceives {
				age, ok = max(age, now.Sub(c.sent)), true
			}
		}
	}
	return age, ok
}
