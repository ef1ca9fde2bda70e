// Package synthesis is what every program that synthesizes templates begins and ends with.
package synthesis

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// App begins an app that writes its templates to a folder, unless the CDK's command line has named another.
func App(folder string) awscdk.App {
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)}
	if os.Getenv("CDK_OUTDIR") == "" {
		props.Outdir = &folder
	}
	return awscdk.NewApp(props)
}

// Close ends the CDK's node process, when everything has been written.
//
// jsii's runtime for Go waits for that process twice at once then, and the wait that comes second now and then finds
// "waitid: no child processes", which the runtime prints as "Runtime process exited abnormally". Nothing has gone wrong,
// so it is not let through.
func Close() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		defer func(before *os.File) { os.Stderr = before }(os.Stderr)
		os.Stderr = null
	}
	jsii.Close()
}
