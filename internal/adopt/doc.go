// Package adopt puts a queue worker that exists under serin's care without the CDK: it reads the worker's service and
// writes what its team then owns - a target file, a template with serin's roles, and a template of the canary beside it.
// Nothing on AWS is changed. Where to look:
//
//	adopt.go       Survey: reads the worker, and refuses what cannot be adopted
//	choose.go      which container is released, and which queue it reads
//	target.go      the target file
//	canary.go      the canary's template: its task definition, its service, its alarms
//	properties.go  what the SDK answers as CloudFormation writes it
//	notes.go       what its team should know before it deploys
package adopt
