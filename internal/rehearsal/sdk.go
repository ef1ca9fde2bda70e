package rehearsal

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// throughSDK returns the core's services behind real SDK clients.
func (a *Account) throughSDK() assembly.Core {
	systems := ssm.NewFromConfig(world.Mounted(region, a.SSM.Handle))
	return assembly.Core{
		DynamoDB: dynamodb.NewFromConfig(world.Mounted(region, a.Table.Handle)),
		SSM:      systems,
		Runbooks: systems,
		SNS:      sns.NewFromConfig(world.Mounted(region, a.SNS.Handle)),

		StepFunctions: sfn.NewFromConfig(world.Mounted(region, states{a}.Handle)),
	}
}

// typed returns the core's services as they are: the fast way.
func (a *Account) typed() assembly.Core {
	return assembly.Core{DynamoDB: a.Table, SSM: a.SSM, Runbooks: a.SSM, SNS: a.SNS, StepFunctions: states{a}}
}
