"""What Quoth costs and finds beside what people would use instead: python -m benchmarks.rivals"""
