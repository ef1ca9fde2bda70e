// Package s3 is simulated object storage in a rehearsal: buckets that keep every version of their objects.
//
//	s3.go        Storage, putting objects there, and GetObject through the door
//	handle.go    the same by SDK input, for a real client mounted on the simulation
package s3
