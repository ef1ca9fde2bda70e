// Package scenario reads what a rehearsal rehearses: how much work arrives, what exists in the simulated account, how the
// serving version and the new one behave. It is as strict with files as package targetfile. Where to look:
//
//	scenario.go  the types, and Open, which reads a scenario with its trace and its alarms
//	units.go     rates (100/s), shares (0.2%) and latencies (80ms)
//	table.go     what may stand where, what it means, every default
//	rules.go     what must be true beyond the table
//	arrivals.go  how much work arrives when
//	trace.go     a real series: CSV, or what `aws cloudwatch get-metric-data` prints
//	alarms.go    what `aws cloudwatch describe-alarms` prints
package scenario
