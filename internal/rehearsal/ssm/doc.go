// Package ssm is the simulated Systems Manager of a rehearsal: parameters, and executions of runbooks.
//
//	ssm.go     Service, GetParameter, GetParameters and PutParameter
//	automation.go  who started which runbook, and how it stands
//	handle.go  the same by SDK input, for a real client mounted on the simulation
package ssm
