// Command app synthesizes the core stack. cdk.json names it; without the CDK's command line
//
//	go run ./infra/app
//
// writes the templates and assets to cdk.out. It needs Go and node. Node 20 works; jsii frames each synth with a
// warning about it, before any code of ours runs, unless the environment holds
// JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 (a list of major versions).
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/synthesis"
)

func main() {
	defer synthesis.Close()
	app := synthesis.App("cdk.out")
	infra.NewStack(app, "Serin", &infra.StackProps{
		StackProps: awscdk.StackProps{Description: jsii.String("serin: canary releases")},
	})
	app.Synth(nil)
}
