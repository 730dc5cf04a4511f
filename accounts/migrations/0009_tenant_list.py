from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_plans_put_away'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='account',
            index=models.Index('parent', Lower('name'), 'id', name='account_by_name'),
        ),
    ]
