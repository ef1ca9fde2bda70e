// Package price says what a release costs on AWS: what serin itself uses, not the workload it releases.
//
//	price.go     the table of prices with its date, and the bill over a usage
//	usage.go     what is billed, counted from API calls
//	standing.go  what costs money by being there
//
// Amounts are list prices of us-east-1 without free tiers, in US dollars. Not counted: logs, traces, alarms and
// CodePipeline's action minutes, which depend on what else an account does.
package price
