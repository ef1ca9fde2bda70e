package statemachine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/release"
)

// retry is one element of Retry. The first element that names an error decides alone; when its attempts are used
// up, Catch is next and no later element is asked.
type retry struct {
	errors   []string
	seconds  float64 // before the first retry; doubled for each further one
	attempts float64
	most     float64 // seconds; 0: no bound
	jitter   bool    // draw each delay evenly from zero up
}

// lambdaRetries are the errors of the Lambda service and of a function that crashed. A crash must not roll back a
// good release. Source of the first three: Step Functions Developer Guide, "Handle transient Lambda service
// exceptions", and Lambda's documentation of idle functions.
var lambdaRetries = []retry{
	{errors: []string{
		"Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException",
		"Lambda.AWSLambdaException", "Lambda.SdkClientException",
	}, seconds: 2, attempts: 6},
	{errors: []string{"Lambda.TooManyRequestsException"}, seconds: 1, attempts: 8, most: 60, jitter: true},
	{errors: []string{"Lambda.CodeArtifactUserPendingException"}, seconds: 5, attempts: 5},
	{errors: []string{"Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "States.Timeout"}, seconds: 10, attempts: 4},
}

// retryTask is for the tasks whose errors lead to Rollback.
func retryTask(task sfn.TaskStateBase) {
	for _, r := range lambdaRetries {
		task.AddRetry(r.props())
	}
	declared := retry{errors: codes(release.ClassRetry), seconds: 5, attempts: 6, most: 60}
	task.AddRetry(declared.props())
}

// retryRollback spans a broken function: doubling delays up to 15 minutes, each drawn evenly from zero up, so that many
// releases that are throttled together come back one by one; about six hours in all. Behind it there is only a person,
// so every error is retried but the ones that no try can mend.
func retryRollback(task sfn.TaskStateBase) {
	hopeless := retry{errors: codes(release.ClassDirty), seconds: 1, attempts: 0}
	hopeful := retry{errors: everything(), seconds: 2, attempts: 56, most: 900, jitter: true}
	task.AddRetry(hopeless.props())
	task.AddRetry(hopeful.props())
}

// callRetry is for the calls on the way to Dirty.
var callRetry = retry{errors: everything(), seconds: 2, attempts: 6, most: 60}

// codes are the names of a class of errors.
func codes(class release.Class) []string {
	var names []string
	for _, row := range release.Codes() {
		if row.Class == class {
			names = append(names, string(row.Code))
		}
	}
	return names
}

func everything() []string { return []string{"States.ALL"} }

// props turns a retry into what the CDK takes.
func (r retry) props() *sfn.RetryProps {
	props := &sfn.RetryProps{
		Errors:      jsii.Strings(r.errors...),
		Interval:    awscdk.Duration_Seconds(jsii.Number(r.seconds)),
		MaxAttempts: jsii.Number(r.attempts),
		BackoffRate: jsii.Number(2),
	}
	if r.most > 0 {
		props.MaxDelay = awscdk.Duration_Seconds(jsii.Number(r.most))
	}
	if r.jitter {
		props.JitterStrategy = sfn.JitterType_FULL
	}
	return props
}

// catch leads errors to a state, with {Error, Cause} beside the data so that the function there can record it.
func catch(task sfn.TaskStateBase, to sfn.IChainable, errors []string) {
	task.AddCatch(to, &sfn.CatchProps{Errors: jsii.Strings(errors...), ResultPath: jsii.String("$.error")})
}
