// Package telling turns what happened to a release into what people and machines are told. It is pure: how it reaches
// them is decided in assembly.
//
//	message.go  what people get: a subject of one line, and a text that says what serves, why, and what to do
//	link.go     where to look in the console
//	event.go    serin's own events on EventBridge; their JSON Schema is events/release.schema.json
//	metric.go   metrics, in CloudWatch's embedded metric format
package telling
