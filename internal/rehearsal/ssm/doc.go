// Package ssm is the simulated Parameter Store of a rehearsal.
//
//	ssm.go     Service, GetParameter, GetParameters and PutParameter
//	handle.go  the same by SDK input, for a real client mounted on the simulation
package ssm
