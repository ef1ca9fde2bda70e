// Package lambda is the simulated control plane of AWS Lambda in a rehearsal: functions with published versions, aliases
// with routing weights, and the preconditions of both.
//
//	lambda.go   Control, Function, Alias, and what people do to them from outside
//	alias.go    GetAlias, UpdateAlias
//	version.go  GetFunctionConfiguration, GetProvisionedConcurrencyConfig
//	publish.go  UpdateFunctionCode, PublishVersion
//	handle.go   the same by SDK input, for a real client mounted on the simulation
package lambda
