from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_sharing'),
    ]

    operations = [
        migrations.AddField(
            model_name='supportgrant',
            name='path',
            field=models.CharField(default='', max_length=2000),
            preserve_default=False,
        ),
    ]
