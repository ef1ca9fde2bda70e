// Command recover is the Lambda function that takes over a release whose execution ended without an end of its own.
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
	lambda.Start(serin.Recover())
}
