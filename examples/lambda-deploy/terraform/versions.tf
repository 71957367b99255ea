terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # The first that knows `nodejs24.x`.
      version = ">= 6.19, < 7.0"
    }
  }
}
