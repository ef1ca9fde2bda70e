// Command operate is the Lambda function that takes the orders of people: start, approve, reject, rollback, stop,
// promote-now, override, recover and abandon.
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
		panic(err) // Lambda logs it and ends the sandbox; whoever called tries again
	}
	lambda.Start(serin.Operate())
}
