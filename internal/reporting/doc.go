// Package reporting keeps the report of every release that has ended in a private bucket. It is a function of its own,
// called by serin's own events: whatever becomes of a report, no release waits for it, and the page's templates, which
// make a program twice as large, are in no function that a release waits for.
//
//	reporting.go  Reporter: from an event to a page in the bucket
//	aws.go        the clients, on AWS
package reporting
