// Package cloudwatch is the simulated CloudWatch of a rehearsal: metrics by the minute that show up late, and alarms
// that are evaluated once a minute on what had shown up by then.
//
// Everything is lazy. A metric is a row of minutes that its publisher fills in; an alarm is brought up to the present
// only when somebody asks for it, tick by tick, each tick seeing no more than it would have seen at its time. So an
// account in which nobody asks costs nothing, and the answer never depends on when it was asked for.
//
// Where to look:
//
//	service.go        Service and its clock, series by name, publication delay
//	series.go         one metric, minute by minute
//	statistic.go      Sum, SampleCount, Average, Minimum, Maximum, percentiles, TC and PR over a period
//	histogram.go      the distribution of values within a minute
//	getmetricdata.go  GetMetricData: queries, pages, status codes
//	putmetricdata.go  PutMetricData
//	math.go           metric math: the arithmetic and the few functions that alarms use
//	definition.go     an alarm as it is configured, compiled once
//	missing.go        M out of N with missing data, as CloudWatch documents it
//	alarm.go          an alarm of one account: ticks, state, history
//	composite.go      composite alarms and their rules
//	reason.go         why an alarm changed, in CloudWatch's words
//	describe.go       DescribeAlarms, SetAlarmState
//	history.go        DescribeAlarmHistory
//	copy.go           answers with pointers of their own
//	handle.go         the same by SDK input, for a real client mounted on the simulation
//	outside.go        the same for whoever looks at the account from outside of it
//
// Not simulated, and refused loudly: periods below a minute, anomaly detection, Metrics Insights, trimmed means.
package cloudwatch
