/** The one method of a `DynamoDBDocumentClient` that is called, with commands of `@aws-sdk/lib-dynamodb`. */
export interface DocumentClient {
  send(command: DocumentCommand): Promise<unknown>;
}

/**
 * What a `DynamoDBDocumentClient` sends. `never` stands for types of the AWS SDK that differ between its versions:
 * commands are handed over, not looked into.
 */
export type DocumentCommand = never;
