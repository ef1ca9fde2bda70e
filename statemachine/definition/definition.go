// Package definition holds the state machine's rendered definition, as the CDK writes it, for everything that
// executes or reads it without the CDK.
//
// The file is made from ../ by make golden and compared with a fresh synth by a test, so it is never edited by hand.
// Where the deployed definition has a token it has a name: ${DeployCanary}, ${CheckAlarms}, ${Promote} and
// ${Rollback} are the functions' version ARNs, ${LedgerTable} and ${Topic} the table's name and the topic's ARN,
// ${Partition} the AWS partition.
package definition

import (
	_ "embed"
	"slices"
)

//go:embed release.asl.json
var release []byte

// Release returns the definition of the release machine: Amazon States Language, JSONPath.
func Release() []byte { return slices.Clone(release) }
