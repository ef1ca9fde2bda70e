// Command check-alarms is the Lambda function that judges the canary and says what happens next.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/serin-aws/serin/internal/assembly"
)

func main() {
	serin, err := assembly.OnAWS(context.Background(), os.Getenv, os.Stdout)
	if err != nil {
		panic(err) // Lambda logs it and ends the sandbox; the state machine retries
	}
	lambda.Start(serin.CheckAlarms())
}
