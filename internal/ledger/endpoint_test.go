package ledger_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/ledger/ledgertest"
)

// TestContractAtEndpoint holds another DynamoDB to the same contract: an emulator, through the SDK's real client.
// SERIN_DYNAMODB names its endpoint, for example http://127.0.0.1:4566; without it the test is skipped.
func TestContractAtEndpoint(t *testing.T) {
	endpoint := os.Getenv("SERIN_DYNAMODB")
	if endpoint == "" {
		t.Skip("SERIN_DYNAMODB names no endpoint")
	}
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	table := createTable(t, client)
	ledgertest.Contract(t, func(*testing.T) ledgertest.World {
		return ledgertest.World{Client: client, Table: table, Now: time.Now, Run: together, Settle: func() {}}
	})
}

func together(bodies ...func(context.Context)) {
	var all sync.WaitGroup
	for _, body := range bodies {
		all.Go(func() { body(context.Background()) })
	}
	all.Wait()
}

func createTable(t *testing.T, client *dynamodb.Client) string {
	name := fmt.Sprintf("serin-%d", time.Now().UnixNano())
	key := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	schema := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
		}
	}
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{key("pk"), key("sk"), key("open")},
		KeySchema:            schema("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("open"), KeySchema: schema("open", "pk"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client)
	if err := waiter.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(name)}, time.Minute); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Error(err)
		}
	})
	return name
}
