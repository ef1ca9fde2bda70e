// Package sns is the simulated SNS of a rehearsal: topics that keep what is published, so that a test can ask who was
// called and why.
//
//	sns.go     Service, Publish and Messages
//	handle.go  the same by SDK input, for a real client mounted on the simulation
package sns
