// Package workload is the work itself in a rehearsal: messages that arrive in one SQS queue, the versions that handle
// them or fail, and the dead-letter queue where the rest ends.
//
// Nothing is simulated message by message. Between two moments at which anything changes - the fleet, the behaviour of
// a version, the minute - counts are drawn: how many arrive, which version gets how many, how many of those fail. Every
// message is always in exactly one place, so that sent = deleted + visible + in flight + dead-lettered.
//
// Where to look:
//
//	workload.go   Config, Workload, Settle, totals and the balance of all messages
//	version.go    how a version behaves: failures, latency, throughput
//	queue.go      where messages are, and how old
//	step.go       what happens between two moments
//	draw.go       Poisson, binomial and multinomial draws
//	publish.go    what CloudWatch hears each minute
//	requests.go   the other kind of work: requests that somebody routes one by one, without a queue
//	cold.go       environments of requests that are new, and start cold
package workload
