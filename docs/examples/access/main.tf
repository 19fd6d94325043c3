terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}

# The key of copies is switched off.
resource "aws_kms_key" "dr" {
  provider    = aws.dr
  description = "copies"
  is_enabled  = false
}

# aws_iam_role.migrator is no longer here: the role is deleted.

# The key no longer leaves anything to the policies of the account.
resource "aws_kms_key_policy" "orders" {
  key_id = "6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Admin"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:user/administrator" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid    = "Use"
        Effect = "Allow"
        Principal = { AWS = [
          "arn:aws:iam::111122223333:role/nightly-backup",
          "arn:aws:iam::111122223333:role/apps/app-orders",
        ] }
        Action   = ["kms:DescribeKey", "kms:CreateGrant"]
        Resource = "*"
      },
    ]
  })
}

# Without the new key policy, this is not enough to restore.
resource "aws_iam_role_policy" "orders" {
  name = "restore"
  role = "app-orders"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Restore", Effect = "Allow", Action = "rds:RestoreDBClusterFromSnapshot", Resource = "*" }]
  })
}

resource "aws_iam_role_policy" "nightly" {
  name = "restore"
  role = "nightly-backup"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Restore", Effect = "Allow", Action = "rds:RestoreDBClusterFromSnapshot", Resource = "*" }]
  })
}
