// Command report is the Lambda function that keeps the report of a release that has ended.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/serin-aws/serin/internal/reporting"
)

func main() {
	report, err := reporting.OnAWS(context.Background(), os.Getenv, os.Stdout)
	if err != nil {
		panic(err) // Lambda logs it and ends the sandbox; the event is delivered again
	}
	lambda.Start(report)
}
