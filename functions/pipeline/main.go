// Command pipeline is the Lambda function that releases for a CodePipeline job, and answers the job.
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
		panic(err) // Lambda logs it and ends the sandbox; CodePipeline's call is tried again
	}
	jobs, err := assembly.CodePipeline(context.Background())
	if err != nil {
		panic(err)
	}
	lambda.Start(serin.Pipeline(jobs))
}
