// Package ecr is the simulated container registry: repositories, the images pushed to them, and the tags that point
// at them.
//
// The map:
//
//	registry.go  Registry and what happens in it: push, move a tag, expire; Resolve for who pulls
//	calls.go     the API: DescribeImages, BatchGetImage, DescribeRepositories, through the door
//	scans.go     scans of pushed images, and what they have found
//	handle.go    the API for a real SDK client
package ecr
